import type { Executor } from '@isola/kernels/backends';
import { type DoseProgress, monitorUnitsPerWeight } from '../dose/index.js';
import { doseAt, type FinalDose, finalVoxels } from './final-dose.js';
import type { FluenceSpec } from './fluence-spec.js';
import type { PlanBeams } from './plan-beams.js';

/** A plan's beams with given weights, and the dose that they give. */
export interface WeightedBeams extends PlanBeams {
  /** Of all beams, in order. */
  readonly weights: Float64Array;
  readonly monitorUnitsPerWeight: number;
  readonly final: FinalDose;
}

/** The final dose of given weights, one a beamlet of `beams`: nothing is optimised or scaled. */
export async function doseOfWeights(
  spec: FluenceSpec,
  { beams, isocenterMm }: PlanBeams,
  weights: Float64Array,
  executor: Executor,
  onProgress: DoseProgress = () => {},
): Promise<WeightedBeams> {
  const final = await doseAt(spec, beams, finalVoxels(spec), weights, executor, onProgress);
  const perWeight = monitorUnitsPerWeight(spec.machine);
  return { beams, isocenterMm, weights, monitorUnitsPerWeight: perWeight, final };
}
