/**
 * The weights of a plan whose voxels lie in shards, perhaps on several machines: the same
 * optimiser, whoever answers for the shards. It can be done in parts, of which each goes on where
 * the one before has ended.
 */
import {
  lbfgsb,
  type Minimisation,
  minimisation,
  minimiseOn,
  type Optimizer,
  projectedGradient,
} from '@isola/optimizers/algorithms';
import type { DifferentiableProblem } from '@isola/optimizers/problem';
import { forwardDose, prepareDose } from '../dose/index.js';
import { type AllShards, shardedProblem, uniformStart } from '../problem/index.js';
import { doseSpec } from './final-dose.js';
import type { FluenceEvents } from './fluence-events.js';
import type { FluenceSpec } from './fluence-spec.js';
import { minimiseOptions, type Optimum, termReports } from './optimum.js';
import { prescribedGy, unreached } from './plan-costs.js';
import { BUILD, shardSizes } from './plan-shards.js';
import { beamletCount, type ShardedPlan } from './sharded-plan.js';

/** An optimisation over shards up to now: plain data. */
export interface ShardedState {
  readonly run: Minimisation<unknown>;
  /** What all shards answered to `BUILD`. */
  readonly sizes: Float64Array;
  /** Of the terms at the best weights, their own weights applied. */
  readonly termValues: Float64Array;
}

/**
 * Begins an optimisation, or goes on with it for some iterations.
 * @param before one that is running; null: begins it
 * @param shards answer to `BUILD` too
 */
export async function advanceSharded(
  plan: ShardedPlan,
  before: ShardedState | null,
  iterations: number,
  shards: AllShards,
  events: FluenceEvents = {},
): Promise<ShardedState> {
  const { spec, costs } = plan;
  const run = before?.run ?? minimisation<unknown>(await startWeights(plan));
  events.onPhase?.('dose influence', 0, 1);
  const sizes = await shards.ask(BUILD, new Float64Array(0));
  const { reach } = shardSizes(sizes, run.x.length);
  const problem = shardedProblem(run.x.length, costs.main.terms, shards, reach);
  events.onPhase?.('optimisation', run.iterations, spec.maxIterations);
  const options = minimiseOptions(spec, events);
  const after = await minimiseOn(optimizer(spec), problem, run, iterations, options);
  return { run: after, sizes, termValues: await problem.termValues(after.x) };
}

/** What an optimisation has come to; one that is still running was cancelled. */
export function shardedOptimum(
  spec: FluenceSpec,
  { run, sizes, termValues }: ShardedState,
): Optimum {
  const { x, value, iterations, evaluations, trace } = run;
  const status = run.status === 'running' ? 'cancelled' : run.status;
  return {
    minimum: { status, x, value, iterations, evaluations, trace },
    terms: termReports(spec, termValues),
    influence: shardSizes(sizes, x.length).influence,
  };
}

function optimizer({ method }: FluenceSpec): Optimizer<unknown, DifferentiableProblem> {
  const made = method === 'projected-gradient' ? projectedGradient() : lbfgsb();
  return made as Optimizer<unknown, DifferentiableProblem>;
}

/** Equal weights that give the prescribed structure its dose on average. */
async function startWeights(plan: ShardedPlan): Promise<Float64Array> {
  const { spec, costs, beams, executor } = plan;
  const { grid, voxels } = costs.main.voxels;
  const own = costs.prescribed.voxels.rows.map((row) => voxels[row]);
  const prepared = await prepareDose(doseSpec(spec, beams, { grid, voxels: own }), executor);
  const size = beamletCount(plan);
  const unit = await forwardDose(prepared, new Float64Array(size).fill(1), executor);
  if (!unit.some((dose) => dose > 0)) throw unreached(spec, costs);
  return uniformStart(size, unit, Uint32Array.from(unit.keys()), prescribedGy(spec));
}
