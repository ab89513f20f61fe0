/**
 * Two-level minimisation: most iterations run on a problem's coarse twin, few on the problem.
 *
 * One iteration: the coarse cost gets a linear term that makes its gradient at x equal the fine
 * one's; L-BFGS-B lowers the corrected coarse cost; a line search on the fine cost goes towards the
 * point found. Where that leads nowhere, L-BFGS-B makes one step on the fine problem. So a fixed
 * point is a minimum of the fine problem, however rough the coarse one is; a better coarse problem
 * only takes fewer iterations. The linear term changes no curvature, so the coarse memory is kept
 * from one iteration to the next.
 *
 * S. Nash, A multigrid approach to discretized optimization problems, Optim. Methods Softw. 14:99
 * (2000), with two levels over the same variables; the first-order consistency of Alexandrov et
 * al., Struct. Optim. 15:16 (1998).
 */
import { dot, infinityNorm } from '@isola/kernels/vector';
import {
  type DifferentiableProblem,
  feasibleStart,
  projectedGradientInf,
  type TwoLevelProblem,
} from '../problem/index.js';
import { difference } from './difference.js';
import { type LbfgsbState, lbfgsb } from './lbfgsb.js';
import { type Evaluated, searchTowards } from './line-search.js';
import type { Optimizer, Status } from './optimizer.js';
import { checkCount, checkTolerance } from './settings.js';

export interface TwoLevelOptions {
  /** Coarse iterations in each; twice as many in the first, which starts far away. Default 50. */
  readonly coarseIterations?: number;
  /** Curvature pairs remembered on the coarse level. Default 10. */
  readonly memory?: number;
  /** Converged when no projected gradient entry is larger. Default 1e-5. */
  readonly projectedGradientTolerance?: number;
  /** Converged when an iteration lowers the cost f by no more than this times |f|. Default 1e-4. */
  readonly relativeReductionTolerance?: number;
}

/** A coarse problem without a minimum runs away; what it finds this far off is no goal. */
const FAR = 1e6;

/** Plain data; no array of it is ever changed. */
export interface TwoLevelState {
  readonly status: Status;
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** The coarse optimiser where it stood last; null before the first iteration. */
  readonly coarse: LbfgsbState | null;
}

/** @throws InputError for a setting outside its range */
export function twoLevel(options: TwoLevelOptions = {}): Optimizer<TwoLevelState, TwoLevelProblem> {
  const coarseIterations = options.coarseIterations ?? 50;
  const memory = options.memory ?? 10;
  const gradientTolerance = options.projectedGradientTolerance ?? 1e-5;
  const reductionTolerance = options.relativeReductionTolerance ?? 1e-4;
  checkCount('twoLevel.coarseIterations', coarseIterations, 1);
  checkTolerance('twoLevel.projectedGradientTolerance', gradientTolerance);
  checkTolerance('twoLevel.relativeReductionTolerance', reductionTolerance);
  checkCount('twoLevel.memory', memory, 1);
  const coarseOptimizer = lbfgsb({
    memory,
    projectedGradientTolerance: 0,
    relativeReductionTolerance: 0,
  });
  return {
    async init(problem, start) {
      const x = feasibleStart(problem, start);
      const gradient = new Float64Array(x.length);
      const value = await problem.valueAndGradient(x, gradient);
      const isFlat = projectedGradientInf(x, gradient, problem) <= gradientTolerance;
      return { status: isFlat ? 'converged' : 'running', x, value, gradient, coarse: null };
    },
    async step(problem, state) {
      const isFirst = state.coarse === null;
      const { corrected, start } = isFirst
        ? {
            corrected: problem.coarse,
            start: await coarseOptimizer.init(problem.coarse, state.x, 0),
          }
        : await correctedCoarse(problem.coarse, state);
      let coarse = start;
      for (let k = 0; k < coarseIterations * (isFirst ? 2 : 1); k++) {
        if (coarse.status !== 'running') break;
        coarse = await coarseOptimizer.step(corrected, coarse);
      }
      let found = await searchUpTo(coarse.x, problem, state);
      if (found === null && isFirst) return { ...state, coarse };
      if (found === null) {
        const fine = await fineStep(coarseOptimizer, problem, { ...state, pairs: coarse.pairs });
        if (fine === null) return { ...state, coarse, status: 'stalled' };
        coarse = { ...coarse, pairs: fine.pairs };
        found = fine;
      }
      const { x, value, gradient } = found;
      const isFlat = projectedGradientInf(x, gradient, problem) <= gradientTolerance;
      const isSlow = state.value - value <= reductionTolerance * Math.abs(value);
      return { status: isFlat || isSlow ? 'converged' : 'running', x, value, gradient, coarse };
    },
    status: (state) => state.status,
    best: ({ x, value }) => ({ x, value }),
  };
}

/** The coarse problem plus the linear term, and its optimiser's state at x with the old memory. */
async function correctedCoarse(coarse: DifferentiableProblem, state: TwoLevelState) {
  const gradient = new Float64Array(state.x.length);
  const value = await coarse.valueAndGradient(state.x, gradient);
  const correction = difference(state.gradient, gradient);
  const corrected: DifferentiableProblem = {
    ...coarse,
    value: async (x) => (await coarse.value(x)) + dot(correction, x),
    valueAndGradient: async (x, out) => {
      const cost = await coarse.valueAndGradient(x, out);
      for (let i = 0; i < out.length; i++) out[i] += correction[i];
      return cost + dot(correction, x);
    },
  };
  const start: LbfgsbState = {
    ...(state.coarse as LbfgsbState),
    status: 'running',
    x: state.x,
    value: value + dot(correction, state.x),
    gradient: state.gradient,
  };
  return { corrected, start };
}

/**
 * One step of L-BFGS-B on the fine problem, for where the coarse one led nowhere; by steepest
 * descent where `pairs` fail too, and null where even that finds no lower cost.
 */
async function fineStep(
  optimizer: Optimizer<LbfgsbState, DifferentiableProblem>,
  problem: DifferentiableProblem,
  { x, value, gradient, pairs }: Omit<LbfgsbState, 'status'>,
): Promise<LbfgsbState | null> {
  let fine: LbfgsbState = { status: 'running', x, value, gradient, pairs };
  while (fine.status === 'running' && fine.value === value) {
    fine = await optimizer.step(problem, fine);
  }
  return fine.value < value ? fine : null;
}

/** Line search on the fine cost up to `goal`; null where it finds no lower cost. */
async function searchUpTo(
  goal: Float64Array,
  problem: DifferentiableProblem,
  state: TwoLevelState,
): Promise<Evaluated | null> {
  const distance = infinityNorm(difference(goal, state.x));
  if (!(distance <= FAR * Math.max(1, infinityNorm(state.x)))) return null;
  const found = await searchTowards(goal, problem, state, () => ({ firstStep: 1, maxStep: 1 }));
  return found !== null && found.value < state.value ? found : null;
}
