/**
 * L-BFGS-B: limited memory quasi-Newton minimisation within bounds.
 *
 * One iteration: the generalised Cauchy point of the quadratic model says which variables stay at
 * a bound; the model is minimised over the others; a line search goes towards that point; the step
 * and the gradient change join the memory. Usually one cost and gradient an iteration.
 *
 * Byrd, Lu, Nocedal, Zhu (1995), "A limited memory algorithm for bound constrained optimization",
 * SIAM J. Sci. Comput. 16; Morales, Nocedal (2011), "Remark on algorithm 778", ACM TOMS 38.
 */
import { dot } from '@isola/kernels/vector';
import {
  type DifferentiableProblem,
  feasibleStart,
  projectedGradientInf,
} from '../problem/index.js';
import { cauchyPoint } from './cauchy-point.js';
import { type CurvaturePairs, emptyPairs, withFree, withPair } from './curvature-pairs.js';
import { difference } from './difference.js';
import { type Evaluated, type StepLimits, searchTowards } from './line-search.js';
import type { Optimizer, Status } from './optimizer.js';
import { checkCount, checkTolerance } from './settings.js';
import { freeVariables, subspaceMinimum } from './subspace-minimum.js';

export interface LbfgsbOptions {
  /** Pairs remembered, 1 or more. More cost time in O(memory x variables). Default 20. */
  readonly memory?: number;
  /** Converged when no projected gradient entry is larger. Default 1e-5. */
  readonly projectedGradientTolerance?: number;
  /**
   * Converged when an iteration lowers the cost f by no more than this times max(|f|, 1).
   * Default 2e-9.
   */
  readonly relativeReductionTolerance?: number;
}

/** Plain data; no array of it is ever changed. */
export interface LbfgsbState {
  readonly status: Status;
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly pairs: CurvaturePairs;
}

/** @throws InputError for a setting outside its range */
export function lbfgsb(options: LbfgsbOptions = {}): Optimizer<LbfgsbState, DifferentiableProblem> {
  const memory = options.memory ?? 20;
  const gradientTolerance = options.projectedGradientTolerance ?? 1e-5;
  const reductionTolerance = options.relativeReductionTolerance ?? 2e-9;
  checkCount('lbfgsb.memory', memory, 1);
  checkTolerance('lbfgsb.projectedGradientTolerance', gradientTolerance);
  checkTolerance('lbfgsb.relativeReductionTolerance', reductionTolerance);
  return {
    async init(problem, start) {
      const x = feasibleStart(problem, start);
      const gradient = new Float64Array(x.length);
      const value = await problem.valueAndGradient(x, gradient);
      const isFlat = projectedGradientInf(x, gradient, problem) <= gradientTolerance;
      const status = isFlat ? 'converged' : 'running';
      return { status, x, value, gradient, pairs: emptyPairs(x.length) };
    },
    async step(problem, state) {
      const { model, goal } = modelMinimum(problem, state);
      const limits = limitsOf(problem, state.x, model);
      const found = goal && (await searchTowards(goal, problem, state, limits));
      // A decrease lost in rounding shows no progress; the search may have shrunk to reach it.
      if (!found || found.value >= state.value) return restarted(state);
      const { x, value, gradient } = found;
      const isFlat = projectedGradientInf(x, gradient, problem) <= gradientTolerance;
      const scale = Math.max(Math.abs(state.value), Math.abs(value), 1);
      const isSlow = state.value - value <= reductionTolerance * scale;
      const status = isFlat || isSlow ? 'converged' : 'running';
      return { status, x, value, gradient, pairs: remember(model, state, found, memory) };
    },
    status: (state) => state.status,
    best: ({ x, value }) => ({ x, value }),
  };
}

/** Where the quadratic model is least within the bounds; null where the memory has degenerated. */
function modelMinimum(problem: DifferentiableProblem, { x, gradient, pairs }: LbfgsbState) {
  const cauchy = cauchyPoint(x, gradient, problem, pairs);
  if (cauchy === null) return { model: pairs, goal: null };
  const model = withFree(pairs, freeVariables(cauchy, problem));
  return { model, goal: subspaceMinimum(x, gradient, problem, model, cauchy) };
}

/**
 * Steps of a search. Without memory the model knows no length: begin with a step of length 1 at
 * most, unless the box has an end everywhere and so gives the length.
 */
function limitsOf(problem: DifferentiableProblem, x: Float64Array, model: CurvaturePairs) {
  const isFirst = model.steps.length === 0;
  return (direction: Float64Array): StepLimits => {
    const isShort = isFirst && !hasEnds(problem);
    return {
      firstStep: isShort ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1,
      maxStep: isFirst ? 1 : longestStep(x, direction, problem),
    };
  };
}

function hasEnds({ lower, upper }: DifferentiableProblem): boolean {
  return lower.every(Number.isFinite) && upper.every(Number.isFinite);
}

/** The longest step that stays in the box, 1 or more as direction leads to a point in it. */
function longestStep(
  x: Float64Array,
  direction: Float64Array,
  { lower, upper }: DifferentiableProblem,
): number {
  let longest = 1e10;
  for (let i = 0; i < x.length; i++) {
    const room = (direction[i] < 0 ? lower[i] : upper[i]) - x[i];
    if (Math.abs(room) < longest * Math.abs(direction[i])) longest = room / direction[i];
  }
  return Math.max(1, longest);
}

/** The memory after a step, unless the cost does not curve upwards measurably along it. */
function remember(
  model: CurvaturePairs,
  from: LbfgsbState,
  to: Evaluated,
  memory: number,
): CurvaturePairs {
  const s = difference(to.x, from.x);
  const y = difference(to.gradient, from.gradient);
  if (!(dot(s, y) > Number.EPSILON * dot(y, y))) return model;
  return withPair(model, s, y, memory);
}

/** After a failed step: forget and try steepest descent next; without a memory that was it. */
function restarted(state: LbfgsbState): LbfgsbState {
  if (state.pairs.steps.length === 0) return { ...state, status: 'stalled' };
  return { ...state, pairs: emptyPairs(state.x.length) };
}
