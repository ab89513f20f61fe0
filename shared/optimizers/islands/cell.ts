/**
 * The unit of distributed work. A cell is one island for one epoch, a pure function: the same cell
 * gives the same result, byte for byte, on any worker, any number of times. So a lost one is done
 * again, a doubled one is harmless, and every accepted one is a checkpoint.
 */

/** What one island sent away at the end of an epoch, best first where rank matters. */
export interface FromIsland<E> {
  readonly island: number;
  readonly emigrants: readonly E[];
}

/**
 * What a cell works on.
 * @typeParam S state of an island, plain data (see plain-bytes.ts)
 * @typeParam E what islands exchange, plain data
 */
export interface Cell<S, E> {
  /** Of the job: an integer in [0, 2^53). */
  readonly seed: number;
  readonly island: number;
  /** From 0. */
  readonly epoch: number;
  /** The island after the epoch before; null at epoch 0. */
  readonly state: S | null;
  /** By ascending island. Empty at epochs below the lag. */
  readonly immigrants: readonly FromIsland<E>[];
}

export interface CellStatistics {
  /** The best cost of the island so far; finite. */
  readonly value: number;
  /** Costs computed in this cell. */
  readonly evaluations: number;
}

export interface CellResult<S, E> {
  readonly state: S;
  readonly emigrants: readonly E[];
  readonly statistics: CellStatistics;
}

/** Looked at to learn that a result is no longer wanted; an AbortSignal fits. */
export interface Stop {
  readonly aborted: boolean;
}

/**
 * Computes a cell. Depends on nothing but the cell; leaves it unchanged. Once `stop` is aborted the
 * result is ignored, so it may reject.
 */
export type Advance<S, E> = (cell: Cell<S, E>, stop: Stop) => Promise<CellResult<S, E>>;
