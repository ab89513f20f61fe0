/** The final dose: for the whole course, everywhere inside a structure, on a fine grid. */
import type { Executor } from '@isola/kernels/backends';
import type { Beam } from '../beams/index.js';
import { type Structure, unionOfStructures } from '../case/index.js';
import {
  type DoseProgress,
  type DoseSpec,
  type DoseVoxels,
  finalGridOf,
  forwardDose,
  onFinalGrid,
  type PreparedDose,
  prepareDose,
  spread,
} from '../dose/index.js';
import type { FluenceSpec } from './fluence-spec.js';

/** Where the final dose is computed, and the raw structures on its grid. */
export interface FinalVoxels {
  readonly voxels: DoseVoxels;
  readonly structures: readonly Structure[];
}

/** The final dose for the whole course, on a grid that raw structures are given on. */
export interface FinalDose extends FinalVoxels {
  /** Gy for the whole course, one a voxel of the grid. */
  readonly doseGy: Float32Array;
}

/** Lateral reach of a beamlet's dose beyond its edge, as matRad's default. */
export const LATERAL_CUTOFF_MM = 50;

/** Everything about a plan's dose; `beams` and `voxels` are the caller's. */
export function doseSpec(spec: FluenceSpec, beams: readonly Beam[], voxels: DoseVoxels): DoseSpec {
  const { patient, machine } = spec;
  return { patient, machine, beams, voxels, lateralCutoffMm: LATERAL_CUTOFF_MM, matrad: null };
}

/** Where the final dose is computed: everywhere inside a structure. */
export function finalVoxels({ patient }: Pick<FluenceSpec, 'patient'>): FinalVoxels {
  const structures = patient.structures.map((structure) => onFinalGrid(patient.grid, structure));
  const voxels: DoseVoxels = {
    grid: finalGridOf(patient.grid),
    voxels: unionOfStructures(structures),
  };
  return { structures, voxels };
}

/** The dose of the whole course for these weights. */
export async function finalDose(
  { fractions }: FluenceSpec,
  { structures, voxels }: FinalVoxels,
  prepared: PreparedDose,
  weights: Float64Array,
  executor: Executor,
  onProgress: DoseProgress,
): Promise<FinalDose> {
  const dose = await forwardDose(prepared, weights, executor, onProgress);
  const doseGy = spread(dose, voxels).map((gy) => gy * fractions);
  return { voxels, doseGy, structures };
}

/** The same, with the beam data that it needs, which count as the first half of the progress. */
export async function doseAt(
  spec: FluenceSpec,
  beams: readonly Beam[],
  final: FinalVoxels,
  weights: Float64Array,
  executor: Executor,
  onProgress: DoseProgress,
): Promise<FinalDose> {
  const prepared = await prepareDose(doseSpec(spec, beams, final.voxels), executor, (done, total) =>
    onProgress(done, 2 * total),
  );
  return finalDose(spec, final, prepared, weights, executor, (done, total) =>
    onProgress(total + done, 2 * total),
  );
}
