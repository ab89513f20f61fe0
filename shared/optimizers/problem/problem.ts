import type { CoordinateMoves } from './coordinate-moves.js';

/**
 * What an optimiser sees: variables with bounds and a cost. Required members are few; the others
 * are capabilities that a problem may offer and an algorithm asks for once, at its start.
 */
export interface Problem {
  /** Number of variables. */
  readonly size: number;
  /** Lower bounds; -Infinity where there is none. Length `size`. */
  readonly lower: Float64Array;
  /** Upper bounds; Infinity where there is none. Length `size`. */
  readonly upper: Float64Array;
  /** Cost at x. */
  value(x: Float64Array): Promise<number>;
  /** Cost at x; writes its gradient into `gradient` (length `size`). */
  valueAndGradient?(x: Float64Array, gradient: Float64Array): Promise<number>;
  /** Costs of many candidates, one pass over the data. `out[k]` is the cost of `candidates[k]`. */
  batchValue?(candidates: readonly Float64Array[], out: Float64Array): Promise<void>;
  /** Costs of points that change in one variable. */
  readonly coordinateMoves?: CoordinateMoves;
  /** A much cheaper approximation of the same cost over the same variables and bounds. */
  readonly coarse?: DifferentiableProblem;
}

/** A problem that gives gradients. */
export type DifferentiableProblem = Problem & Required<Pick<Problem, 'valueAndGradient'>>;

/** A differentiable problem with a coarse twin. */
export type TwoLevelProblem = DifferentiableProblem & Required<Pick<Problem, 'coarse'>>;
