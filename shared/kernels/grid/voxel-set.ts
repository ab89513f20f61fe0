import { axisPosition, centreMm } from './axis-position.js';
import { type Grid, voxelCount } from './grid.js';

/**
 * The voxels of `to` whose centres lie nearest to a voxel in `voxels` (linear indices of `from`)
 * among all of `from`, in ascending order. Centres outside `from` are in no set; a centre midway
 * counts to the upper voxel.
 */
export function resampleVoxels(from: Grid, voxels: Uint32Array, to: Grid): Uint32Array {
  const isMember = new Uint8Array(voxelCount(from));
  for (const voxel of voxels) isMember[voxel] = 1;
  const x = nearestOnAxis(from, to, 0);
  const y = nearestOnAxis(from, to, 1);
  const z = nearestOnAxis(from, to, 2);
  const found = new Uint32Array(voxelCount(to));
  let count = 0;
  let voxel = 0;
  for (let k = 0; k < z.length; k++) {
    for (let j = 0; j < y.length; j++) {
      const row = from.size[0] * (y[j] + from.size[1] * z[k]);
      const isInside = y[j] >= 0 && z[k] >= 0;
      for (let i = 0; i < x.length; i++, voxel++) {
        if (isInside && x[i] >= 0 && isMember[row + x[i]] === 1) found[count++] = voxel;
      }
    }
  }
  return found.slice(0, count);
}

/** Index of the nearest centre of `from` for each centre of `to` on an axis; -1 outside. */
function nearestOnAxis(from: Grid, to: Grid, axis: number): Int32Array {
  return Int32Array.from({ length: to.size[axis] }, (_, i) => {
    const position = axisPosition(from, axis, centreMm(to, axis, i));
    return Number.isNaN(position) ? -1 : Math.floor(position + 0.5);
  });
}
