/**
 * Accelerated projected gradient descent: FISTA for a cost within bounds, monotone, with
 * backtracking and restarts. Two costs and one gradient an iteration; no memory to speak of.
 *
 * Beck, Teboulle (2009), "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging
 * Sci. 2; restarts by value and by gradient after O'Donoghue, Candes (2015), "Adaptive restart for
 * accelerated gradient schemes", Found. Comput. Math. 15; step lengths at a restart after Barzilai,
 * Borwein (1988), IMA J. Numer. Anal. 8. Unlike in the papers the extrapolated point is moved
 * into the box, so that costs are only asked for where they are defined; the proof holds still,
 * since it compares that point with points of the box, and projection brings it closer to them.
 */
import { dot } from '@isola/kernels/vector';
import {
  type DifferentiableProblem,
  feasibleStart,
  projectedGradientInf,
  projectOntoBounds,
} from '../problem/index.js';
import { difference } from './difference.js';
import type { Optimizer, Status } from './optimizer.js';
import { checkTolerance } from './settings.js';

export interface ProjectedGradientOptions {
  /** Converged when no projected gradient entry is larger. Default 1e-5. */
  readonly projectedGradientTolerance?: number;
  /**
   * Converged when 10 iterations lower the cost f by no more than this times max(|f|, 1).
   * Default 2e-9.
   */
  readonly relativeReductionTolerance?: number;
}

/** Plain data; no array of it is ever changed. */
export interface ProjectedGradientState {
  readonly status: Status;
  /** The best iterate and its cost. */
  readonly x: Float64Array;
  readonly value: number;
  /** Where the next gradient is taken: x itself or, with momentum, beyond it. */
  readonly base: Float64Array;
  readonly hasMomentum: boolean;
  /** t of the paper; 1 without history. */
  readonly momentum: number;
  /** Estimate of the Lipschitz constant of the gradient; the step length is its inverse. */
  readonly lipschitz: number;
  /** Where the last gradient was taken, and the gradient; null at the start. */
  readonly last: { readonly x: Float64Array; readonly gradient: Float64Array } | null;
  readonly iteration: number;
  /** The cost when `iteration` was last a multiple of the window. */
  readonly windowValue: number;
}

/** Iterations over which the relative reduction is taken: momentum makes single ones uneven. */
const WINDOW = 10;
/** Doublings of the Lipschitz estimate in one iteration before the cost counts as not smooth. */
const MAX_DOUBLINGS = 60;

/** @throws InputError for a setting outside its range */
export function projectedGradient(
  options: ProjectedGradientOptions = {},
): Optimizer<ProjectedGradientState, DifferentiableProblem> {
  const gradientTolerance = options.projectedGradientTolerance ?? 1e-5;
  const reductionTolerance = options.relativeReductionTolerance ?? 2e-9;
  checkTolerance('projectedGradient.projectedGradientTolerance', gradientTolerance);
  checkTolerance('projectedGradient.relativeReductionTolerance', reductionTolerance);
  return {
    async init(problem, start) {
      const x = feasibleStart(problem, start);
      const value = await problem.value(x);
      return {
        status: 'running',
        x,
        value,
        ...withoutMomentum(x),
        lipschitz: 0,
        last: null,
        iteration: 0,
        windowValue: value,
      };
    },
    async step(problem, state) {
      const { base } = state;
      const gradient = new Float64Array(base.length);
      const value = await problem.valueAndGradient(base, gradient);
      const here = { x: base, value, gradient };
      if (projectedGradientInf(base, gradient, problem) <= gradientTolerance) {
        return atFlatPoint(state, here);
      }
      const descent = await descend(problem, here, initialLipschitz(state, here));
      const next = advanced(problem, state, here, descent);
      if (next.iteration % WINDOW !== 0 || next.status !== 'running') return next;
      const scale = Math.max(Math.abs(next.value), 1);
      const isSlow = next.windowValue - next.value <= reductionTolerance * scale;
      return { ...next, windowValue: next.value, status: isSlow ? 'converged' : 'running' };
    },
    status: (state) => state.status,
    best: ({ x, value }) => ({ x, value }),
  };
}

interface EvaluatedPoint {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

interface Descent {
  /** P(base - gradient / lipschitz); null where no step length gave the promised decrease. */
  readonly x: Float64Array | null;
  readonly value: number;
  readonly lipschitz: number;
}

/** Projected gradient step, shortened until the quadratic upper bound holds (the paper's 4.2). */
async function descend(
  problem: DifferentiableProblem,
  here: EvaluatedPoint,
  firstLipschitz: number,
): Promise<Descent> {
  // Rounding of the two costs must not pass for a lack of decrease.
  const slack = 4 * Number.EPSILON * Math.abs(here.value);
  let lipschitz = firstLipschitz;
  for (let doublings = 0; doublings < MAX_DOUBLINGS; doublings++, lipschitz *= 2) {
    const x = here.x.map((xi, i) => xi - here.gradient[i] / lipschitz);
    projectOntoBounds(x, problem);
    const step = difference(x, here.x);
    const squared = dot(step, step);
    if (squared === 0) break;
    const bound = dot(here.gradient, step) + (lipschitz / 2) * squared;
    const value = await problem.value(x);
    if (value <= here.value + bound + slack) return { x, value, lipschitz };
  }
  return { x: null, value: here.value, lipschitz };
}

/**
 * Between restarts the estimate never falls, as the proof needs. Without momentum it may: there it
 * is the curvature seen between the last two gradients; at the very start a step of length 1.
 */
function initialLipschitz(state: ProjectedGradientState, here: EvaluatedPoint): number {
  if (state.last === null) return Math.sqrt(dot(here.gradient, here.gradient));
  if (state.hasMomentum) return state.lipschitz;
  const s = difference(here.x, state.last.x);
  const y = difference(here.gradient, state.last.gradient);
  const sy = dot(s, y);
  return sy > 0 ? sy / dot(s, s) : state.lipschitz;
}

/** Takes the descent step, with momentum for the next, or drops the momentum. */
function advanced(
  problem: DifferentiableProblem,
  state: ProjectedGradientState,
  here: EvaluatedPoint,
  { x, value, lipschitz }: Descent,
): ProjectedGradientState {
  const last = { x: here.x, gradient: here.gradient };
  const next = { ...state, last, lipschitz, iteration: state.iteration + 1 };
  if (x === null || !(value < state.value)) {
    if (!state.hasMomentum) return { ...next, status: 'stalled' };
    return { ...next, ...withoutMomentum(state.x) };
  }
  const step = difference(x, state.x);
  if (dot(here.gradient, step) > 0) return { ...next, x, value, ...withoutMomentum(x) };
  const momentum = (1 + Math.sqrt(1 + 4 * state.momentum * state.momentum)) / 2;
  const weight = (state.momentum - 1) / momentum;
  const base = x.map((xi, i) => xi + weight * step[i]);
  projectOntoBounds(base, problem);
  return { ...next, x, value, base, hasMomentum: weight > 0, momentum };
}

/** The gradient vanishes at the base: done, unless the base is a worse point than x. */
function atFlatPoint(state: ProjectedGradientState, here: EvaluatedPoint): ProjectedGradientState {
  const next = { ...state, last: { x: here.x, gradient: here.gradient } };
  if (!state.hasMomentum) return { ...next, status: 'converged' };
  if (here.value > state.value) return { ...next, ...withoutMomentum(state.x) };
  return { ...next, status: 'converged', x: here.x, value: here.value };
}

function withoutMomentum(x: Float64Array) {
  return { base: x, hasMomentum: false, momentum: 1 };
}
