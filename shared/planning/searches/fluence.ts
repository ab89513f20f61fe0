/**
 * Fluence optimisation from beginning to end: beamlets, dose influence, optimised weights,
 * normalisation, final dose. The one place where the main flow reads from top to bottom; no clock
 * and no output, who calls it listens to `FluenceEvents`.
 */
import type { Executor } from '@isola/kernels/backends';
import type { Grid, Vec3 } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import type { Beam } from '../beams/index.js';
import {
  type DoseProgress,
  type DoseVoxels,
  forwardDose,
  monitorUnitsPerWeight,
  type PreparedDose,
  prepareDose,
} from '../dose/index.js';
import { evaluateGoal } from '../metrics/index.js';
import { costOfDose, makeTerms } from '../problem/index.js';
import { doseAt, doseSpec, type FinalDose, finalDose, finalVoxels } from './final-dose.js';
import type { FluenceEvents } from './fluence-events.js';
import type { FluenceSpec } from './fluence-spec.js';
import type { Optimum } from './optimum.js';
import { planBeams } from './plan-beams.js';
import { mainSampling, type PlanCosts, planCosts } from './plan-costs.js';
import { PlanShards } from './plan-shards.js';
import { advanceSharded, shardedOptimum } from './sharded-optimum.js';
import { shardedPlan } from './sharded-plan.js';
import { wholeOptimum } from './whole-optimum.js';

export interface FluenceResult extends Optimum {
  readonly beams: readonly Beam[];
  readonly isocenterMm: Vec3;
  /** Of all beams, in order, after normalisation. */
  readonly weights: Float64Array;
  /** What the optimiser's weights were multiplied by. */
  readonly normalisationFactor: number;
  readonly monitorUnitsPerWeight: number;
  /** The cost on all voxels where the optimiser saw a sample, else null. */
  readonly sampling: { readonly rows: number; readonly costOnAllVoxels: number } | null;
  readonly final: FinalDose;
}

/** Plans the fluence. */
export async function planFluence(
  spec: FluenceSpec,
  executor: Executor,
  events: FluenceEvents = {},
): Promise<FluenceResult> {
  if (spec.shards > 1) {
    const plan = shardedPlan(spec, executor);
    const state = await advanceSharded(plan, null, Infinity, new PlanShards(plan), events);
    return finishFluence(spec, shardedOptimum(spec, state), executor, events);
  }
  const costs = planCosts(spec);
  const { beams } = planBeams(spec);
  const final = finalVoxels(spec);
  const prepare = ({ voxels }: { readonly voxels: DoseVoxels }) =>
    prepareDose(doseSpec(spec, beams, voxels), executor, (done, total) =>
      events.onPhase?.('beam data', done, total),
    );
  // Where the final dose is on the same grid, what belongs to its voxels serves the cost too.
  const forAll = sameGrid(costs.grid, final.voxels.grid) ? await prepare(final) : null;
  const forCost = forAll ?? (await prepare(costs.main));
  const optimum = await wholeOptimum(spec, costs, forCost, executor, events);
  return finishFluence(spec, optimum, executor, events, forAll);
}

/**
 * From optimised weights to a plan: normalises them, and computes the final dose.
 * @param prepared beams for the voxels of the final dose, where they are there already
 */
export async function finishFluence(
  spec: FluenceSpec,
  optimum: Optimum,
  executor: Executor,
  events: FluenceEvents = {},
  prepared: PreparedDose | null = null,
): Promise<FluenceResult> {
  const { minimum } = optimum;
  const { isocenterMm, beams } = planBeams(spec);
  const final = finalVoxels(spec);
  const costOnAllVoxels =
    mainSampling(spec) && (await costOnAll(spec, beams, planCosts(spec), minimum.x, executor));
  events.onPhase?.('final dose', 0, 1);
  const onFinal: DoseProgress = (done, total) => events.onPhase?.('final dose', done, total);
  const raw = await (prepared
    ? finalDose(spec, final, prepared, minimum.x, executor, onFinal)
    : doseAt(spec, beams, final, minimum.x, executor, onFinal));
  const factor = normalisationFactor(spec, raw);
  return {
    ...{ ...optimum, beams, isocenterMm },
    weights: minimum.x.map((weight) => weight * factor),
    normalisationFactor: factor,
    monitorUnitsPerWeight: monitorUnitsPerWeight(spec.machine),
    sampling: costOnAllVoxels === null ? null : { rows: optimum.influence.rows, costOnAllVoxels },
    final: { ...raw, doseGy: raw.doseGy.map((gy) => gy * factor) },
  };
}

/** The cost of the weights on all voxels, where the optimiser saw a sample. */
async function costOnAll(
  spec: FluenceSpec,
  beams: readonly Beam[],
  { structures, grid }: PlanCosts,
  weights: Float64Array,
  executor: Executor,
): Promise<number> {
  const { voxels, terms } = makeTerms(structures, spec.objectives, grid, null);
  const prepared = await prepareDose(doseSpec(spec, beams, voxels), executor);
  return costOfDose(terms, await forwardDose(prepared, weights, executor));
}

function sameGrid(a: Grid, b: Grid): boolean {
  const numbers = ({ size, spacingMm, originMm }: Grid) => [...size, ...spacingMm, ...originMm];
  const other = numbers(b);
  return numbers(a).every((value, i) => value === other[i]);
}

function normalisationFactor(spec: FluenceSpec, { doseGy, structures }: FinalDose): number {
  if (spec.normalisation === null) return 1;
  const { metric, toGy } = spec.normalisation;
  const { value } = evaluateGoal(metric, {
    doseGy,
    structures: new Map(structures.map(({ name, voxels }) => [name, voxels])),
    prescriptionGy: spec.prescription.doseGy,
    voxelCc: 1,
  });
  if (value > 0) return toGy / value;
  throw new InputError(
    'normalize',
    `${metric.text} cannot be scaled to: the dose there is ${value}`,
  );
}
