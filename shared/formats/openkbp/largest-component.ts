import type { Vec3 } from '@isola/kernels/grid';

/** The largest set of marked voxels connected by faces; of equal ones the first in index order. */
export function largestComponent(mask: Uint8Array, [nx, ny, nz]: Vec3): Uint8Array {
  const area = nx * ny;
  const labels = new Uint32Array(mask.length);
  const stack = new Int32Array(mask.length);
  let label = 0;
  let best = 0;
  let bestSize = 0;
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || labels[seed] !== 0) continue;
    label++;
    let size = 0;
    let top = 0;
    stack[top++] = seed;
    labels[seed] = label;
    const visit = (v: number) => {
      if (mask[v] !== 0 && labels[v] === 0) {
        labels[v] = label;
        stack[top++] = v;
      }
    };
    while (top > 0) {
      const v = stack[--top];
      size++;
      const x = v % nx;
      const y = Math.floor(v / nx) % ny;
      const z = Math.floor(v / area);
      if (x > 0) visit(v - 1);
      if (x + 1 < nx) visit(v + 1);
      if (y > 0) visit(v - nx);
      if (y + 1 < ny) visit(v + nx);
      if (z > 0) visit(v - area);
      if (z + 1 < nz) visit(v + area);
    }
    if (size > bestSize) {
      bestSize = size;
      best = label;
    }
  }
  const out = new Uint8Array(mask.length);
  if (best > 0) for (let v = 0; v < mask.length; v++) if (labels[v] === best) out[v] = 1;
  return out;
}
