/** Three numbers along x, y, z. */
export type Vec3 = readonly [number, number, number];

/**
 * A regular voxel grid. Linear index = x + nx * (y + ny * z); `originMm` is the centre of voxel 0.
 */
export interface Grid {
  readonly size: Vec3;
  readonly spacingMm: Vec3;
  readonly originMm: Vec3;
}

/** Number of voxels of a grid. */
export function voxelCount(grid: Grid): number {
  return grid.size[0] * grid.size[1] * grid.size[2];
}
