/** The weights of a plan whose dose influence is one matrix. */
import type { Executor, SparseMatrix } from '@isola/kernels/backends';
import {
  lbfgsb,
  type Minimum,
  minimise,
  projectedGradient,
  twoLevel,
} from '@isola/optimizers/algorithms';
import { doseInfluence, doseMap, type PreparedDose, restrictDose } from '../dose/index.js';
import { type FluenceProblem, fluenceProblem, type Terms, uniformStart } from '../problem/index.js';
import type { FluenceEvents } from './fluence-events.js';
import type { FluenceSpec } from './fluence-spec.js';
import { minimiseOptions, type Optimum, termReports } from './optimum.js';
import { type PlanCosts, prescribedGy, unreached } from './plan-costs.js';

/** @param prepared beams for the voxels of the cost, and perhaps more */
export async function wholeOptimum(
  spec: FluenceSpec,
  costs: PlanCosts,
  prepared: PreparedDose,
  executor: Executor,
  events: FluenceEvents,
): Promise<Optimum> {
  const influence = await influences(prepared, costs, executor, events);
  const problem = problemOf(costs, influence);
  const start = await startWeights(spec, costs, influence.main);
  events.onPhase?.('optimisation', 0, spec.maxIterations);
  const minimum = await optimise(spec, problem, start, events);
  const dose = new Float32Array(influence.main.rows);
  await influence.main.multiply(minimum.x, dose);
  const { terms } = costs.main;
  const values = terms.map(
    ({ weight, objective, voxels }) => weight * objective.value(dose, voxels),
  );
  const { rows, columns, nonzeros, byteLength } = influence.main;
  const sizes = { rows, columns, nonzeros, byteLength };
  return { minimum, terms: termReports(spec, values), influence: sizes };
}

interface Influences {
  readonly main: SparseMatrix;
  readonly coarse: SparseMatrix | null;
}

async function influences(
  prepared: PreparedDose,
  costs: PlanCosts,
  executor: Executor,
  events: FluenceEvents,
): Promise<Influences> {
  const matrix = ({ voxels }: Terms) =>
    doseInfluence(restrictDose(prepared, voxels.voxels), executor, (done, total) =>
      events.onPhase?.('dose influence', done, total),
    );
  const coarse = costs.coarse && (await matrix(costs.coarse));
  return { main: await matrix(costs.main), coarse };
}

function problemOf(costs: PlanCosts, influence: Influences): FluenceProblem {
  const problem = fluenceProblem(doseMap(influence.main), costs.main.terms);
  if (costs.coarse === null || influence.coarse === null) return problem;
  return { ...problem, coarse: fluenceProblem(doseMap(influence.coarse), costs.coarse.terms) };
}

/** Equal weights that give the prescribed structure its dose on average. */
async function startWeights(
  spec: FluenceSpec,
  costs: PlanCosts,
  influence: SparseMatrix,
): Promise<Float64Array> {
  const unit = new Float32Array(influence.rows);
  await influence.multiply(new Float64Array(influence.columns).fill(1), unit);
  const { rows } = costs.prescribed.voxels;
  if (!rows.some((row) => unit[row] > 0)) throw unreached(spec, costs);
  return uniformStart(influence.columns, unit, rows, prescribedGy(spec));
}

async function optimise(
  spec: FluenceSpec,
  problem: FluenceProblem,
  start: Float64Array,
  events: FluenceEvents,
): Promise<Minimum> {
  const options = minimiseOptions(spec, events);
  const { coarse } = problem;
  if (coarse) return minimise(twoLevel(), { ...problem, coarse }, start, options);
  if (spec.method === 'projected-gradient') {
    return minimise(projectedGradient(), problem, start, options);
  }
  return minimise(lbfgsb(), problem, start, options);
}
