/** Sets of voxels as ascending indices without repeats, and what can be made of two of them. */

/** Voxels that are in `a` or in `b`. */
export function unionOf(a: Uint32Array, b: Uint32Array): Uint32Array {
  return merge(a, b, { onlyA: true, both: true, onlyB: true });
}

/** Voxels that are in `a` and in `b`. */
export function intersectionOf(a: Uint32Array, b: Uint32Array): Uint32Array {
  return merge(a, b, { onlyA: false, both: true, onlyB: false });
}

/** Voxels that are in `a` and not in `b`. */
export function differenceOf(a: Uint32Array, b: Uint32Array): Uint32Array {
  return merge(a, b, { onlyA: true, both: false, onlyB: false });
}

interface Kept {
  readonly onlyA: boolean;
  readonly both: boolean;
  readonly onlyB: boolean;
}

function merge(a: Uint32Array, b: Uint32Array, kept: Kept): Uint32Array {
  const out = new Uint32Array(a.length + b.length);
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    // Beyond its end a set holds no more voxels: an index that none reaches.
    const voxelA = i < a.length ? a[i] : Number.POSITIVE_INFINITY;
    const voxelB = j < b.length ? b[j] : Number.POSITIVE_INFINITY;
    const keep = voxelA < voxelB ? kept.onlyA : voxelA > voxelB ? kept.onlyB : kept.both;
    if (keep) out[count++] = Math.min(voxelA, voxelB);
    if (voxelA <= voxelB) i++;
    if (voxelB <= voxelA) j++;
  }
  return out.slice(0, count);
}
