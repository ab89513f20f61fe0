/**
 * Quasi-Newton minimisation within bounds from a model of how the cost curves, for costs that are
 * dear to compute next to products with the model.
 *
 * One iteration: the quadratic model with the gradient at hand is minimised within the bounds, a
 * line search goes towards its minimum, and the model learns from the gradient's change by a BFGS
 * update. Good models take a tenth of the evaluations that methods need which begin with a multiple
 * of the identity; bad ones are corrected, but every iteration is dear.
 *
 * Schmidt, van den Berg, Friedlander, Murphy (2009), "Optimizing costly functions with simple
 * constraints: a limited-memory projected quasi-Newton algorithm", PMLR 5; Lee, Sun, Saunders
 * (2014), "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 24.
 */
import { dot, gather } from '@isola/kernels/vector';
import {
  type DifferentiableProblem,
  feasibleStart,
  projectedGradientInf,
} from '../problem/index.js';
import { difference } from './difference.js';
import { lbfgsb } from './lbfgsb.js';
import { searchTowards } from './line-search.js';
import { minimise } from './minimise.js';
import type { Optimizer, Status } from './optimizer.js';

/** A symmetric matrix H, positive semidefinite but for rounding, that is about a cost's Hessian. */
export interface CurvatureModel {
  /** out = H v. */
  multiply(v: Float64Array, out: Float64Array): void;
  /** Products of H within some variables, ascending; until the next call of this function. */
  among(variables: Uint32Array): (v: Float64Array, out: Float64Array) => void;
}

export interface ModelNewtonState {
  readonly status: Status;
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly updates: readonly Update[];
}

/** A BFGS update: B + y y^T / (s.y) - q q^T / (s.q) with q = B s. */
interface Update {
  readonly change: Float64Array;
  readonly product: Float64Array;
  readonly stepChange: number;
  readonly stepProduct: number;
}

/** More make products dear; each depends on those before, so all are forgotten together. */
const MOST_UPDATES = 40;
const GRADIENT_TOLERANCE = 1e-7;
/**
 * The model's minimum: iterations at most, and when the last ones gained little of the whole.
 * Looser minima do not use what the model knows, more exact ones save less than they cost.
 */
const MODEL_ITERATIONS = 60;
const MODEL_WINDOW = 5;
const MODEL_TOLERANCE = 0.05;
const MODEL_MEMORY = 5;

export function modelNewton(
  model: CurvatureModel,
): Optimizer<ModelNewtonState, DifferentiableProblem> {
  return {
    async init(problem, start) {
      const x = feasibleStart(problem, start);
      const gradient = new Float64Array(x.length);
      const value = await problem.valueAndGradient(x, gradient);
      return { status: statusAt(problem, x, gradient), x, value, gradient, updates: [] };
    },
    async step(problem, state) {
      const goal = await modelMinimum(problem, state, model);
      const found = await searchTowards(goal, problem, state, () => ({ firstStep: 1, maxStep: 1 }));
      if (!found || found.value >= state.value) {
        return state.updates.length === 0
          ? { ...state, status: 'stalled' }
          : { ...state, updates: [] };
      }
      const { x, value, gradient } = found;
      const updates = withUpdate(state, found, model);
      return { status: statusAt(problem, x, gradient), x, value, gradient, updates };
    },
    status: (state) => state.status,
    best: ({ x, value }) => ({ x, value }),
  };
}

function statusAt(problem: DifferentiableProblem, x: Float64Array, gradient: Float64Array): Status {
  return projectedGradientInf(x, gradient, problem) <= GRADIENT_TOLERANCE ? 'converged' : 'running';
}

/** About where the model is least within the bounds. */
async function modelMinimum(
  { lower, upper }: DifferentiableProblem,
  { x, gradient, updates }: ModelNewtonState,
  model: CurvatureModel,
): Promise<Float64Array> {
  const free = freeToMove(x, gradient, lower, upper);
  const pick = (v: Float64Array) => gather(v, free, new Float64Array(free.length));
  const [lowest, highest, at, slope] = [lower, upper, x, gradient].map(pick);
  const multiplyModel = model.among(free);
  const learnt = updates.map((update) => ({
    ...update,
    change: pick(update.change),
    product: pick(update.product),
  }));
  const valueAndGradient = async (step: Float64Array, out: Float64Array) => {
    multiplyModel(step, out);
    for (const update of learnt) addUpdate(update, step, out);
    let value = 0;
    for (let i = 0; i < step.length; i++) {
      value += step[i] * (slope[i] + 0.5 * out[i]);
      out[i] += slope[i];
    }
    return value;
  };
  const { x: step } = await minimise(
    lbfgsb({
      ...{ memory: MODEL_MEMORY },
      ...{ projectedGradientTolerance: 0, relativeReductionTolerance: 0 },
    }),
    {
      ...{ size: free.length, valueAndGradient },
      value: (s: Float64Array) => valueAndGradient(s, new Float64Array(s.length)),
      lower: difference(lowest, at),
      upper: difference(highest, at),
    },
    new Float64Array(free.length),
    { maxIterations: MODEL_ITERATIONS, isConverged: gainsLittle },
  );
  const goal = x.slice();
  free.forEach((j, i) => {
    goal[j] += step[i];
  });
  return goal;
}

/** Variables that are not held at a bound by their slope. */
function freeToMove(
  x: Float64Array,
  gradient: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): Uint32Array {
  const free: number[] = [];
  for (let j = 0; j < x.length; j++) {
    const isHeld = gradient[j] >= 0 ? x[j] <= lower[j] : x[j] >= upper[j];
    if (!isHeld) free.push(j);
  }
  return Uint32Array.from(free);
}

function gainsLittle(trace: readonly number[]): boolean {
  const k = trace.length - 1;
  if (k < MODEL_WINDOW) return false;
  return trace[k - MODEL_WINDOW] - trace[k] <= MODEL_TOLERANCE * (trace[0] - trace[k]);
}

function addUpdate(
  { change, product, stepChange, stepProduct }: Update,
  v: Float64Array,
  out: Float64Array,
): void {
  const a = dot(change, v) / stepChange;
  const b = dot(product, v) / stepProduct;
  for (let i = 0; i < out.length; i++) out[i] += a * change[i] - b * product[i];
}

/** The updates after a step, with one more if the cost curves measurably along it. */
function withUpdate(
  from: ModelNewtonState,
  to: Pick<ModelNewtonState, 'x' | 'gradient'>,
  model: CurvatureModel,
): readonly Update[] {
  const step = difference(to.x, from.x);
  const change = difference(to.gradient, from.gradient);
  const before = from.updates.length < MOST_UPDATES ? from.updates : [];
  const product = new Float64Array(step.length);
  model.multiply(step, product);
  for (const update of before) addUpdate(update, step, product);
  const stepChange = dot(step, change);
  const stepProduct = dot(step, product);
  if (!(stepChange > Number.EPSILON * dot(change, change)) || !(stepProduct > 0)) return before;
  return [...before, { change, product, stepChange, stepProduct }];
}
