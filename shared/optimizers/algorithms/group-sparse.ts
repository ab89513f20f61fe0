/**
 * Accelerated proximal gradient descent for f(x) + penalty * sum_g w_g ||x_g||_2 over x >= 0, with
 * f smooth: few groups stay above zero, the fewer the higher the penalty. With beams as groups it
 * picks beam angles: Jia, Men, Lou, Jiang (2011), "Beam orientation optimization for intensity
 * modulated radiation therapy using adaptive l2,1-minimization", Phys. Med. Biol. 56; solved so by
 * O'Connor et al. (2018), arXiv 1710.05308.
 *
 * The method is the monotone FISTA with backtracking and restarts of `projectedGradient`, see
 * there, with the proximal operator of the group norm in the place of the projection.
 *
 * The problem gives f alone, and only the optimiser knows the penalty: drive it by `step`.
 * `minimise` would keep the point of least f instead of the point of `best`.
 */
import { dot, infinityNorm } from '@isola/kernels/vector';
import { type DifferentiableProblem, feasibleStart, InputError } from '../problem/index.js';
import { difference } from './difference.js';
import {
  afterStep,
  checkedReduction,
  type EvaluatedPoint,
  evaluatedBase,
  type FistaState,
  type ProximalStep,
  proximalStep,
  startState,
  withMomentum,
  withoutMomentum,
} from './fista.js';
import {
  checkGroups,
  groupNormSum,
  shrinkGroups,
  type VariableGroups,
} from './group-sparse-norm.js';
import type { Optimizer } from './optimizer.js';
import { checkTolerance } from './settings.js';

export interface GroupSparseTolerances {
  /**
   * Converged when no entry of the generalised gradient L (x - prox(x - gradient / L)) is larger,
   * where 1 / L is the step length. Default 1e-5.
   */
  readonly generalisedGradientTolerance?: number;
  /**
   * Converged when 10 iterations lower the penalised cost F by no more than this times
   * max(|F|, 1). Default 2e-9.
   */
  readonly relativeReductionTolerance?: number;
}

export interface GroupSparseOptions extends VariableGroups, GroupSparseTolerances {
  /** 0 or more; in units of the cost over units of the variables. */
  readonly penalty: number;
}

/** Plain data; no array of it is ever changed. Its `value` is the penalised cost. */
export interface GroupSparseState extends FistaState {
  /** f at x. */
  readonly smoothValue: number;
}

/**
 * Needs lower bounds of 0 and no upper ones. `best(state).value` is the penalised cost.
 * @throws InputError for a setting outside its range; at `init` also for groups that do not fit the
 * problem and for other bounds
 */
export function groupSparse(
  options: GroupSparseOptions,
): Optimizer<GroupSparseState, DifferentiableProblem> {
  const gradientTolerance = options.generalisedGradientTolerance ?? 1e-5;
  const reductionTolerance = options.relativeReductionTolerance ?? 2e-9;
  checkTolerance('groupSparse.penalty', options.penalty);
  checkTolerance('groupSparse.generalisedGradientTolerance', gradientTolerance);
  checkTolerance('groupSparse.relativeReductionTolerance', reductionTolerance);
  return {
    async init(problem, start) {
      const x = feasibleStart(problem, start);
      checkNonnegative(problem);
      checkGroups(options, problem.size);
      return penalisedStart(x, await problem.value(x), options);
    },
    async step(problem, state) {
      const here = await evaluatedBase(problem, state);
      const step = await proximalStep(problem, state, here, (x, lipschitz) =>
        shrinkGroups(x, options, options.penalty / lipschitz),
      );
      const next = advanced(problem, options, state, here, step, gradientTolerance);
      return checkedReduction(next, reductionTolerance);
    },
    status: (state) => state.status,
    best: ({ x, value }) => ({ x, value }),
  };
}

/**
 * The state from which the same problem is solved for another penalty: its point and what is known
 * of its curvature, without a new evaluation.
 */
export function atPenalty(
  state: GroupSparseState,
  options: Pick<GroupSparseOptions, keyof VariableGroups | 'penalty'>,
): GroupSparseState {
  const { x, smoothValue, lipschitz, last } = state;
  return { ...penalisedStart(x, smoothValue, options), lipschitz, last };
}

function penalisedStart(
  x: Float64Array,
  smoothValue: number,
  options: Pick<GroupSparseOptions, keyof VariableGroups | 'penalty'>,
): GroupSparseState {
  const value = smoothValue + options.penalty * groupNormSum(x, options);
  return { ...startState(x, value), smoothValue };
}

function checkNonnegative({ lower, upper }: DifferentiableProblem): void {
  for (let i = 0; i < lower.length; i++) {
    if (lower[i] !== 0) throw new InputError(`lower[${i}]`, `is ${lower[i]}; allowed: 0`);
    if (upper[i] !== Infinity) {
      throw new InputError(`upper[${i}]`, `is ${upper[i]}; allowed: Infinity`);
    }
  }
}

/** Takes the proximal step, with momentum for the next, or drops the momentum. */
function advanced(
  problem: DifferentiableProblem,
  options: GroupSparseOptions,
  state: GroupSparseState,
  here: EvaluatedPoint,
  proximal: ProximalStep,
  gradientTolerance: number,
): GroupSparseState {
  const { x, value: smoothValue, lipschitz } = proximal;
  const next = afterStep(state, here, proximal);
  const value = x === null ? Infinity : smoothValue + options.penalty * groupNormSum(x, options);
  const drop = x === null ? here.x : difference(here.x, x);
  const isFlat = x !== null && lipschitz * infinityNorm(drop) <= gradientTolerance;
  if (x === null || !(value < state.value)) {
    if (state.hasMomentum) return { ...next, ...withoutMomentum(state.x) };
    return { ...next, status: isFlat ? 'converged' : 'stalled' };
  }
  if (isFlat) return { ...next, status: 'converged', x, smoothValue, value };
  const step = difference(x, state.x);
  // The generalised gradient at the base against the step: the momentum led uphill.
  const isUphill = dot(drop, step) > 0;
  const momentum = isUphill ? withoutMomentum(x) : withMomentum(state, x, step, problem);
  return { ...next, x, smoothValue, value, ...momentum };
}
