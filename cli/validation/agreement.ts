/** How far our dose and cost are from a reference's, relative to the reference's largest value. */

import type { MatradReference } from '@isola/formats/reference';
import type { SparseMatrix } from '@isola/kernels/backends';
import type { FluenceProblem } from '@isola/planning/problem';

/** The largest errors; null where the reference holds nothing to compare with. */
export interface Agreement {
  readonly uniformDoseMaxRelError: number | null;
  readonly bixelMaxRelError: number | null;
  readonly objectiveRelError: number | null;
}

/**
 * Compares where the reference computed dose: voxels with dose for all weights 1, and the voxels
 * listed with a single beamlet.
 *
 * @param voxels of the dose grid, one a row of `influence`
 */
export async function agreement(
  reference: MatradReference,
  influence: SparseMatrix,
  voxels: Uint32Array,
  problem: FluenceProblem,
): Promise<Agreement> {
  return {
    uniformDoseMaxRelError: await uniformError(reference, influence, voxels),
    bixelMaxRelError: await bixelError(reference, influence, voxels),
    objectiveRelError: await objectiveError(reference, problem),
  };
}

async function uniformError(
  { doseW1Gy }: MatradReference,
  influence: SparseMatrix,
  voxels: Uint32Array,
): Promise<number | null> {
  if (doseW1Gy === null) return null;
  const dose = new Float32Array(influence.rows);
  await influence.multiply(new Float64Array(influence.columns).fill(1), dose);
  const given = Float32Array.from(voxels, (voxel) => doseW1Gy[voxel]);
  return maxRelError(
    dose.map((gy, row) => (given[row] > 0 ? gy : 0)),
    given,
  );
}

async function bixelError(
  { bixelSamples }: MatradReference,
  influence: SparseMatrix,
  voxels: Uint32Array,
): Promise<number | null> {
  if (bixelSamples.length === 0) return null;
  const rowOf = new Map(Array.from(voxels, (voxel, row) => [voxel, row]));
  const dose = new Float32Array(influence.rows);
  let largest = 0;
  for (const { column, voxels: listed, doseGy } of bixelSamples) {
    const weights = new Float64Array(influence.columns);
    weights[column] = 1;
    await influence.multiply(weights, dose);
    const ours = Float32Array.from(listed, (voxel) => dose[rowOf.get(voxel) ?? -1] ?? 0);
    largest = Math.max(largest, maxRelError(ours, doseGy));
  }
  return largest;
}

/** Over all stored weights of the objectives as given (not of those with constraints). */
async function objectiveError(
  { optimizations }: MatradReference,
  problem: FluenceProblem,
): Promise<number | null> {
  let largest: number | null = null;
  for (const { variant, weights, objective } of optimizations) {
    if (variant !== 'default' || weights === null) continue;
    const error = Math.abs((await problem.value(weights)) / objective - 1);
    largest = Math.max(largest ?? 0, error);
  }
  return largest;
}

/** Largest difference, relative to the largest of `reference`. */
function maxRelError(ours: Float32Array, reference: Float32Array): number {
  let error = 0;
  let largest = 0;
  for (let i = 0; i < reference.length; i++) {
    error = Math.max(error, Math.abs(ours[i] - reference[i]));
    largest = Math.max(largest, Math.abs(reference[i]));
  }
  return error / largest;
}
