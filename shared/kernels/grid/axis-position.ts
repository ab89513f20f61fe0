import type { Grid } from './grid.js';

/** Points this little outside a face, in voxels, are rounding errors of points on it. */
const FACE_TOLERANCE = 1e-9;

/**
 * Position of a coordinate on an axis, in voxels from centre 0: NaN outside the faces of the grid,
 * and moved onto the outermost centre between it and its face.
 */
export function axisPosition(grid: Grid, axis: number, coordinateMm: number): number {
  const size = grid.size[axis];
  const position = (coordinateMm - grid.originMm[axis]) / grid.spacingMm[axis];
  if (!(Math.abs(position - 0.5 * (size - 1)) <= 0.5 * size + FACE_TOLERANCE)) return NaN;
  return Math.max(0, Math.min(size - 1, position));
}

/** Coordinate of the centre of voxel `i` on an axis. */
export function centreMm(grid: Grid, axis: number, i: number): number {
  return grid.originMm[axis] + i * grid.spacingMm[axis];
}
