/**
 * What the accelerated methods share: FISTA for f + h, f smooth and h simple, monotone, with
 * backtracking and restarts; `projectedGradient` names the papers. The methods differ in h, which
 * comes in as its proximal operator, in when they have converged, and in what tells them that the
 * momentum led uphill.
 */
import { dot } from '@isola/kernels/vector';
import { type Bounds, type DifferentiableProblem, projectOntoBounds } from '../problem/index.js';
import { difference } from './difference.js';
import type { Status } from './optimizer.js';

/** Plain data; no array of it is ever changed. */
export interface FistaState {
  readonly status: Status;
  /** The best iterate and its cost, f + h. */
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

/** A point with its smooth cost f and the gradient of f. */
export interface EvaluatedPoint {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface ProximalStep {
  /**
   * prox(base - gradient / lipschitz): the array of the base itself where that does not move it;
   * null where no step length gave the promised decrease.
   */
  readonly x: Float64Array | null;
  /** The smooth cost there. */
  readonly value: number;
  readonly lipschitz: number;
}

/** Replaces x, in place, by the z least in ||z - x||^2 / 2 + h(z) / lipschitz. */
export type ProximalOperator = (x: Float64Array, lipschitz: number) => void;

/** Iterations over which the relative reduction is taken: momentum makes single ones uneven. */
const WINDOW = 10;
/** Doublings of the Lipschitz estimate in one iteration before the cost counts as not smooth. */
const MAX_DOUBLINGS = 60;

export function startState(x: Float64Array, value: number): FistaState {
  return {
    ...{ status: 'running', x, value, ...withoutMomentum(x) },
    ...{ lipschitz: 0, last: null, iteration: 0, windowValue: value },
  };
}

export async function evaluatedBase(
  problem: DifferentiableProblem,
  { base }: FistaState,
): Promise<EvaluatedPoint> {
  const gradient = new Float64Array(base.length);
  const value = await problem.valueAndGradient(base, gradient);
  return { x: base, value, gradient };
}

/** The step from `here`, shortened until the quadratic upper bound of f holds (the paper's 4.2). */
export async function proximalStep(
  problem: DifferentiableProblem,
  state: FistaState,
  here: EvaluatedPoint,
  prox: ProximalOperator,
): Promise<ProximalStep> {
  // Rounding of the two costs must not pass for a lack of decrease.
  const slack = 4 * Number.EPSILON * Math.abs(here.value);
  let lipschitz = firstLipschitz(state, here);
  for (let doublings = 0; doublings < MAX_DOUBLINGS; doublings++, lipschitz *= 2) {
    const x = here.x.map((xi, i) => xi - here.gradient[i] / lipschitz);
    prox(x, lipschitz);
    const step = difference(x, here.x);
    const squared = dot(step, step);
    if (squared === 0 && doublings === 0) return { ...here, lipschitz };
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
function firstLipschitz(state: FistaState, here: EvaluatedPoint): number {
  if (state.last === null) return Math.sqrt(dot(here.gradient, here.gradient)) || 1;
  if (state.hasMomentum) return state.lipschitz;
  const s = difference(here.x, state.last.x);
  const y = difference(here.gradient, state.last.gradient);
  const sy = dot(s, y);
  return sy > 0 ? sy / dot(s, s) : state.lipschitz;
}

/** What is known after the step, before it is taken. */
export function afterStep<S extends FistaState>(
  state: S,
  { x, gradient }: EvaluatedPoint,
  { lipschitz }: ProximalStep,
): S {
  return { ...state, last: { x, gradient }, lipschitz, iteration: state.iteration + 1 };
}

/** The next base where x, at `step` from the iterate before, is taken. */
export function withMomentum(
  state: FistaState,
  x: Float64Array,
  step: Float64Array,
  bounds: Bounds,
): Pick<FistaState, 'base' | 'hasMomentum' | 'momentum'> {
  const momentum = (1 + Math.sqrt(1 + 4 * state.momentum * state.momentum)) / 2;
  const weight = (state.momentum - 1) / momentum;
  const base = x.map((xi, i) => xi + weight * step[i]);
  return { base: projectOntoBounds(base, bounds), hasMomentum: weight > 0, momentum };
}

export function withoutMomentum(
  x: Float64Array,
): Pick<FistaState, 'base' | 'hasMomentum' | 'momentum'> {
  return { base: x, hasMomentum: false, momentum: 1 };
}

/** Converged where a window of iterations lowered the cost by no more than `tolerance` of it. */
export function checkedReduction<S extends FistaState>(state: S, tolerance: number): S {
  const { iteration, status, value, windowValue } = state;
  if (iteration % WINDOW !== 0 || status !== 'running') return state;
  const isSlow = windowValue - value <= tolerance * Math.max(Math.abs(value), 1);
  return { ...state, windowValue: value, status: isSlow ? 'converged' : 'running' };
}
