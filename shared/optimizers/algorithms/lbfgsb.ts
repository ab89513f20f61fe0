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
  projectOntoBounds,
} from '../problem/index.js';
import { cauchyPoint } from './cauchy-point.js';
import { type CurvaturePairs, emptyPairs, withFree, withPair } from './curvature-pairs.js';
import { difference } from './difference.js';
import { type LinePoint, moreThuente } from './more-thuente.js';
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
      const found = goal && (await searchTowards(goal, problem, state, model));
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

interface EvaluatedPoint extends LinePoint {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
}

/** Line search from x through `goal`; null where it finds no lower cost. */
async function searchTowards(
  goal: Float64Array,
  problem: DifferentiableProblem,
  state: LbfgsbState,
  model: CurvaturePairs,
): Promise<EvaluatedPoint | null> {
  const direction = difference(goal, state.x);
  const slope = dot(state.gradient, direction);
  if (!(slope < 0)) return null;
  // Without memory the model knows no length: begin with a step of length 1 at most, unless the box
  // has an end everywhere and so gives the length.
  const isFirst = model.steps.length === 0;
  const isShort = isFirst && !hasEnds(problem);
  const firstStep = isShort ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
  const maxStep = isFirst ? 1 : longestStep(state.x, direction, problem);
  const trial = async (step: number): Promise<EvaluatedPoint> => {
    const x = step === 1 ? goal : along(state.x, direction, step);
    projectOntoBounds(x, problem);
    const gradient = new Float64Array(x.length);
    const value = await problem.valueAndGradient(x, gradient);
    return { step, value, slope: dot(gradient, direction), x, gradient };
  };
  return moreThuente(trial, { step: 0, value: state.value, slope }, firstStep, maxStep);
}

function hasEnds({ lower, upper }: DifferentiableProblem): boolean {
  return lower.every(Number.isFinite) && upper.every(Number.isFinite);
}

function along(x: Float64Array, direction: Float64Array, step: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] + step * direction[i];
  return out;
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
  to: EvaluatedPoint,
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
