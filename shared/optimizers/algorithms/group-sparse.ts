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
  checkGroups,
  groupNormSum,
  shrinkGroups,
  type VariableGroups,
} from './group-sparse-norm.js';
import type { Optimizer, Status } from './optimizer.js';
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

/** Plain data; no array of it is ever changed. */
export interface GroupSparseState {
  readonly status: Status;
  /** The best iterate, its smooth cost f and its penalised cost. */
  readonly x: Float64Array;
  readonly smoothValue: number;
  readonly value: number;
  /** Where the next gradient is taken: x itself or, with momentum, beyond it. */
  readonly base: Float64Array;
  readonly hasMomentum: boolean;
  /** t of FISTA; 1 without history. */
  readonly momentum: number;
  /** Estimate of the Lipschitz constant of the gradient; the step length is its inverse. */
  readonly lipschitz: number;
  /** Where the last gradient was taken, and the gradient; null at the start. */
  readonly last: { readonly x: Float64Array; readonly gradient: Float64Array } | null;
  readonly iteration: number;
  /** The penalised cost when `iteration` was last a multiple of the window. */
  readonly windowValue: number;
}

/** Iterations over which the relative reduction is taken: momentum makes single ones uneven. */
const WINDOW = 10;
/** Doublings of the Lipschitz estimate in one iteration before the cost counts as not smooth. */
const MAX_DOUBLINGS = 60;

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
      return startState(x, await problem.value(x), options);
    },
    async step(problem, state) {
      const { base } = state;
      const gradient = new Float64Array(base.length);
      const value = await problem.valueAndGradient(base, gradient);
      const here = { x: base, value, gradient };
      const descent = await descend(problem, options, here, initialLipschitz(state, here));
      const next = advanced(options, state, here, descent, gradientTolerance);
      if (next.iteration % WINDOW !== 0 || next.status !== 'running') return next;
      const scale = Math.max(Math.abs(next.value), 1);
      const isSlow = next.windowValue - next.value <= reductionTolerance * scale;
      return { ...next, windowValue: next.value, status: isSlow ? 'converged' : 'running' };
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
  return { ...startState(x, smoothValue, options), lipschitz, last };
}

function startState(
  x: Float64Array,
  smoothValue: number,
  options: Pick<GroupSparseOptions, keyof VariableGroups | 'penalty'>,
): GroupSparseState {
  const value = smoothValue + options.penalty * groupNormSum(x, options);
  return {
    status: 'running',
    x,
    smoothValue,
    value,
    ...withoutMomentum(x),
    lipschitz: 0,
    last: null,
    iteration: 0,
    windowValue: value,
  };
}

function checkNonnegative({ lower, upper }: DifferentiableProblem): void {
  for (let i = 0; i < lower.length; i++) {
    if (lower[i] !== 0) throw new InputError(`lower[${i}]`, `is ${lower[i]}; allowed: 0`);
    if (upper[i] !== Infinity) {
      throw new InputError(`upper[${i}]`, `is ${upper[i]}; allowed: Infinity`);
    }
  }
}

/** The gradient is of the smooth cost, as is the value. */
interface EvaluatedPoint {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

interface Descent {
  /** prox(base - gradient / lipschitz); null where no step length gave the promised decrease. */
  readonly x: Float64Array | null;
  readonly smoothValue: number;
  readonly lipschitz: number;
}

/** Proximal gradient step, shortened until the quadratic upper bound of f holds. */
async function descend(
  problem: DifferentiableProblem,
  options: GroupSparseOptions,
  here: EvaluatedPoint,
  firstLipschitz: number,
): Promise<Descent> {
  // Rounding of the two costs must not pass for a lack of decrease.
  const slack = 4 * Number.EPSILON * Math.abs(here.value);
  let lipschitz = firstLipschitz;
  for (let doublings = 0; doublings < MAX_DOUBLINGS; doublings++, lipschitz *= 2) {
    const x = here.x.map((xi, i) => xi - here.gradient[i] / lipschitz);
    shrinkGroups(x, options, options.penalty / lipschitz);
    const step = difference(x, here.x);
    const squared = dot(step, step);
    if (squared === 0 && doublings === 0) return { x, smoothValue: here.value, lipschitz };
    if (squared === 0) break;
    const bound = dot(here.gradient, step) + (lipschitz / 2) * squared;
    const smoothValue = await problem.value(x);
    if (smoothValue <= here.value + bound + slack) return { x, smoothValue, lipschitz };
  }
  return { x: null, smoothValue: here.value, lipschitz };
}

/**
 * Between restarts the estimate never falls, as the proof needs. Without momentum it may: there it
 * is the curvature seen between the last two gradients; at the very start a step of length 1.
 */
function initialLipschitz(state: GroupSparseState, here: EvaluatedPoint): number {
  if (state.last === null) return Math.sqrt(dot(here.gradient, here.gradient)) || 1;
  if (state.hasMomentum) return state.lipschitz;
  const s = difference(here.x, state.last.x);
  const y = difference(here.gradient, state.last.gradient);
  const sy = dot(s, y);
  return sy > 0 ? sy / dot(s, s) : state.lipschitz;
}

/** Takes the descent step, with momentum for the next, or drops the momentum. */
function advanced(
  options: GroupSparseOptions,
  state: GroupSparseState,
  here: EvaluatedPoint,
  { x, smoothValue, lipschitz }: Descent,
  gradientTolerance: number,
): GroupSparseState {
  const last = { x: here.x, gradient: here.gradient };
  const next = { ...state, last, lipschitz, iteration: state.iteration + 1 };
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
  if (dot(drop, step) > 0) return { ...next, x, smoothValue, value, ...withoutMomentum(x) };
  const momentum = (1 + Math.sqrt(1 + 4 * state.momentum * state.momentum)) / 2;
  const weight = (state.momentum - 1) / momentum;
  const base = x.map((xi, i) => Math.max(0, xi + weight * step[i]));
  return { ...next, x, smoothValue, value, base, hasMomentum: weight > 0, momentum };
}

function withoutMomentum(x: Float64Array) {
  return { base: x, hasMomentum: false, momentum: 1 };
}
