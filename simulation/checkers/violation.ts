/** What must never be; a closed list. */
export type Law =
  /** An event that a coordinator was told is kept is not there. */
  | 'acknowledged-lost'
  /** A user was told of a job that is not there. */
  | 'job-lost'
  /** One submission made two jobs, or two one. */
  | 'submitted-wrongly'
  /** A cell has two results in the log. */
  | 'accepted-twice'
  /** An accepted result is not the golden one, and nobody lied. */
  | 'wrong-result'
  /** A result counts and its blobs were never kept. */
  | 'blobs-missing'
  /** A job ends with what a worker told wrongly, though another one has confirmed it. */
  | 'lie-in-plan'
  /** A result is confirmed by who made it, or twice, or though nobody wanted that. */
  | 'wrong-audit'
  /** A seal is early, out of order, or names the wrong best. */
  | 'wrong-seal'
  | 'trace-worsened'
  | 'quarantined-innocent'
  /** Something happens to a job after its end. */
  | 'moved-after-end'
  /** A job ends before it may, or with the wrong reason. */
  | 'wrong-end'
  | 'cancelled-unasked'
  /** Terms of leaders do not follow each other. */
  | 'wrong-term'
  /** No coordinator can read the log. */
  | 'log-unreadable'
  /** A worker has more leases than slots. */
  | 'slots-exceeded'
  | 'leased-to-draining'
  /** An accepted cell is leased though none of its blobs was ever lost. */
  | 'recomputed'
  /** A worker is told that a result is kept which is not in the log. */
  | 'settled-unkept'
  /** A worker is told that nobody needs a cell which is needed. */
  | 'revoked-needed'
  /** Leases of a worker that was not heard of for too long are still out. */
  | 'silent-not-noticed'
  /** A cell that can be computed is not leased though there is room for it. */
  | 'room-not-used'
  /** What a worker that is gone does is still told of. */
  | 'ghost-activity'
  /** Something is kept of jobs that are done. */
  | 'memory-grows'
  /** A promise that nobody handles would end the process. */
  | 'unhandled-rejection'
  /** A job did not end in time, though nothing went wrong any more. */
  | 'not-ended';

export interface Violation {
  readonly law: Law;
  readonly detail: string;
}

export type Report = (law: Law, detail: string) => void;
