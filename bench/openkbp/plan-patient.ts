import type { Executor } from '@isola/kernels/backends';
import { planComplexity } from '@isola/planning/metrics';
import { planFluence } from '@isola/planning/searches';
import { loadPlan } from '@isola/worker/plans';
import { PhaseClock } from '../measurement/phase-clock.js';
import { type Evaluation, evaluateDose } from './criteria.js';

/** A patient planned by us, beside the dose that came with the case. */
export interface PlannedPatient {
  readonly ours: Evaluation;
  readonly reference: Evaluation;
  /** Of the plan, not of its beams: 1 for open fields. */
  readonly modulation: number;
  /** Per fraction, all beams, for a sliding window. */
  readonly monitorUnits: number;
  readonly iterations: number;
  readonly cost: number;
  readonly clock: PhaseClock;
}

/** Plans the plan file at `path` from reading it to the final dose. */
export async function planPatient(path: string, executor: Executor): Promise<PlannedPatient> {
  const clock = new PhaseClock();
  clock.show('read case');
  const { spec } = await loadPlan(path);
  const { referenceDoseGy } = spec.patient;
  if (referenceDoseGy === undefined) throw new Error(`${path}: the case has no reference dose`);
  const result = await planFluence(spec, executor, { onPhase: (phase) => clock.show(phase) });
  clock.show(null);
  const { sumOfPositiveGradients, modulation } = planComplexity(result.beams, result.weights);
  return {
    ours: evaluateDose(spec.patient, result.final.doseGy),
    reference: evaluateDose(spec.patient, referenceDoseGy),
    modulation,
    monitorUnits: sumOfPositiveGradients * result.monitorUnitsPerWeight,
    iterations: result.minimum.iterations,
    cost: result.minimum.value,
    clock,
  };
}
