import type { CellTask, JobId } from '../jobs/index.js';

/** A cell that may be computed now. */
export interface OfferedCell {
  readonly job: JobId;
  readonly kernelVersion: string;
  readonly task: CellTask;
  /** Who may not compute it: it is to be compared with what that worker made of it. */
  readonly except?: string | undefined;
  /** It makes the job's result: others of its job say little of how long it takes. */
  readonly isFinish?: boolean;
}

export interface Lease {
  /** Rises from lease to lease. */
  readonly token: number;
  readonly worker: string;
  readonly cell: OfferedCell;
  readonly sinceMs: number;
}

/** What there is to do. */
export interface Offers {
  /** What can be begun, in the order in which it is to be. */
  readonly cells: readonly OfferedCell[];
  /**
   * Whether what a lease is out for is still to be done: a result is in the book before its leases
   * are settled.
   */
  isNeeded(lease: Lease): boolean;
}

export interface LeaseSettings {
  /** Who is not heard of for longer has lost its leases. */
  readonly silentMs: number;
  /** A cell is quarantined when so many workers have failed at it, */
  readonly maxFailures: number;
  /** or so many were lost with it, the last of them computing nothing else. */
  readonly maxLosses: number;
  /**
   * A cell that so many were lost with is computed alone from then on, so that it is known which of
   * several cells takes its worker with it. Only losses alone count beyond this number.
   */
  readonly soloLosses: number;
  /** A second worker gets a cell that takes this many times as long as is expected of it, */
  readonly lateFactor: number;
  /** and at least so long. */
  readonly lateMs: number;
  /** A worker is slow that takes this many times as long as others. */
  readonly slowFactor: number;
  /** A worker that takes longer for a cell has failed at it. */
  readonly mostMs: number;
}

export const LEASES: LeaseSettings = {
  ...{ silentMs: 10_000, maxFailures: 3, maxLosses: 5, soloLosses: 2 },
  ...{ lateFactor: 1.5, lateMs: 200, slowFactor: 2, mostMs: 6 * 3_600_000 },
};

/** Names a cell among those of all jobs. */
export function cellKey(job: JobId, input: string): string {
  return `${job} ${input}`;
}

export const keyOf = ({ job, task }: OfferedCell) => cellKey(job, task.input);
