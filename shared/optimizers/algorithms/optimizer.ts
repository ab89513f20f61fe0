/**
 * Optimizer: the contract between an algorithm and whoever drives it.
 *
 * The state is plain data (numbers, strings, typed arrays, arrays and records of them) handed in
 * and handed out. Laws, tested for every optimiser:
 * - `step` leaves the state it is given unchanged, so a step that was interrupted can be repeated;
 * - a state that was saved and loaded (`structuredClone`) continues bit for bit the same;
 * - `best(state).value` never rises;
 * - every point that is evaluated lies within the bounds, exactly.
 *
 * An algorithm knows no budget, cancel, progress or non-finite values: `minimise` holds them.
 */
import type { Problem } from '../problem/index.js';

/** How an optimisation stands, or how it ended. */
export type Status =
  | 'running'
  | 'converged'
  | 'budget-spent'
  | 'stalled'
  | 'infeasible'
  | 'non-finite'
  | 'cancelled';

/** What each status means and what to do about it. */
export const STATUS_ADVICE: Readonly<Record<Status, string>> = {
  running: 'Not finished: step on.',
  converged: 'A tolerance or the target value was reached: use the result, or tighten tolerances.',
  'budget-spent':
    'The allowed iterations or evaluations ran out first: use the best point, or raise the limits.',
  stalled:
    'No step lowers the cost any more, though no tolerance is met: the result is usually good to ' +
    'the precision of the cost; if not, check the gradient against finite differences.',
  infeasible: 'No point satisfies the bounds: find a lower bound that lies above its upper one.',
  'non-finite':
    'The cost or its gradient became NaN or infinite: the best finite point is kept; look for ' +
    'bad input data, or bound the variables away from where the cost is undefined.',
  cancelled: 'Stopped on request: the best point so far is kept.',
};

/** A point and its cost. */
export interface Best {
  readonly x: Float64Array;
  readonly value: number;
}

/**
 * An iterative algorithm.
 * @typeParam S its state, plain data
 * @typeParam P what it needs of a problem
 */
export interface Optimizer<S, P extends Problem = Problem> {
  /**
   * State at the start, after its evaluation.
   * @param start moved into the bounds first
   * @param seed names the random stream; methods without randomness ignore it
   * @throws InputError for a malformed problem or start
   */
  init(problem: P, start: Float64Array, seed: number): Promise<S>;
  /** State after one more iteration. */
  step(problem: P, state: S): Promise<S>;
  status(state: S): Status;
  /** The best point of the iterations so far. The array belongs to the state. */
  best(state: S): Best;
}
