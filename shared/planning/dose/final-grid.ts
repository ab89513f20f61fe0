import type { Grid } from '@isola/kernels/grid';
import type { Structure } from '../case/index.js';

/** The final dose is at least this fine, or on the case's own grid where that is coarser. */
export const FINAL_SPACING_MM = 2.5;

/**
 * The grid of the final dose: every CT voxel's centre, or every n-th along an axis whose spacing is
 * so fine that n of them are still at most 2.5 mm. Its points are CT voxels, so raw structures need
 * no resampling.
 */
export function finalGridOf(ct: Grid): Grid {
  const step = (axis: 0 | 1 | 2) => stepOf(ct, axis);
  const size = (axis: 0 | 1 | 2) => Math.floor((ct.size[axis] - 1) / step(axis)) + 1;
  return {
    size: [size(0), size(1), size(2)],
    spacingMm: [ct.spacingMm[0] * step(0), ct.spacingMm[1] * step(1), ct.spacingMm[2] * step(2)],
    originMm: ct.originMm,
  };
}

/** The voxels of a raw structure that are points of the final grid. */
export function onFinalGrid(ct: Grid, structure: Structure): Structure {
  const [stepX, stepY, stepZ] = [stepOf(ct, 0), stepOf(ct, 1), stepOf(ct, 2)];
  const [nx, ny] = ct.size;
  const { size } = finalGridOf(ct);
  const voxels: number[] = [];
  for (const v of structure.voxels) {
    const x = v % nx;
    const y = Math.floor(v / nx) % ny;
    const z = Math.floor(v / (nx * ny));
    if (x % stepX !== 0 || y % stepY !== 0 || z % stepZ !== 0) continue;
    voxels.push(x / stepX + size[0] * (y / stepY + size[1] * (z / stepZ)));
  }
  return { ...structure, voxels: Uint32Array.from(voxels) };
}

function stepOf(ct: Grid, axis: 0 | 1 | 2): number {
  return Math.max(1, Math.floor(FINAL_SPACING_MM / ct.spacingMm[axis] + 1e-9));
}
