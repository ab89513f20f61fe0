import { type Grid, voxelCount } from '@isola/kernels/grid';

/** Where dose is computed: some voxels of a dose grid, the rows of a dose vector. */
export interface DoseVoxels {
  readonly grid: Grid;
  /** Linear indices into `grid`, ascending: row r of a dose vector is voxel `voxels[r]`. */
  readonly voxels: Uint32Array;
}

/**
 * The dose grid of a case: begins at the first CT voxel's centre and steps by `spacingMm` up to the
 * last one's.
 */
export function doseGridOf(ct: Grid, spacingMm: readonly [number, number, number]): Grid {
  const steps = (axis: 0 | 1 | 2) =>
    Math.floor(((ct.size[axis] - 1) * ct.spacingMm[axis]) / spacingMm[axis] + 1e-9) + 1;
  return { size: [steps(0), steps(1), steps(2)], spacingMm, originMm: ct.originMm };
}

/** A dose vector spread over the whole grid; 0 where no dose is computed. */
export function spread(dose: Float32Array, { grid, voxels }: DoseVoxels): Float32Array {
  const full = new Float32Array(voxelCount(grid));
  for (let row = 0; row < voxels.length; row++) full[voxels[row]] = dose[row];
  return full;
}
