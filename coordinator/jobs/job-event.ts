/** What happens to a job: the events of its log, plain JSON. */
import type { BlobId } from '../store/index.js';

/** What is to be done, and all that decides its result. */
export interface JobSpec {
  /** Names the job: a hash of its plan, seed, versions and settings, made by who submits it. */
  readonly jobHash: string;
  /** Of the code that computes cells; results of another version are refused. */
  readonly kernelVersion: string;
  /** An integer in [0, 2^53). */
  readonly seed: number;
  /** 1 or more; 0 where there are no islands. */
  readonly epochs: number;
  /**
   * By island: those whose emigrants reach it, ascending. Its length is the number of islands; none
   * where there is nothing to search for before the finishing cell.
   */
  readonly inNeighbours: readonly (readonly number[])[];
  /** A cell of epoch e gets what left at the end of epoch e - lag; 1 or more. */
  readonly lag: number;
  /** Done at the first sealed epoch whose best is this or lower; null: after all epochs. */
  readonly targetValue: number | null;
  /** Whether one more cell, island 0 at epoch `epochs`, makes a result of the best state. */
  readonly finish: boolean;
}

export interface CellPlace {
  readonly island: number;
  /** From 0. */
  readonly epoch: number;
}

/**
 * Which results a second worker must agree with before the job is done: none, those that enter the
 * plan (the best cell, and what the finishing cell made), or all.
 */
export const AUDITS = ['none', 'plan', 'all'] as const;

export type Audit = (typeof AUDITS)[number];

export interface JobSubmitted extends JobSpec {
  readonly type: 'JobSubmitted';
  /** By default none. */
  readonly audit?: Audit;
}

/** The result of a cell. It holds for good: a cell is a pure function. */
export interface CellAccepted extends CellPlace {
  readonly type: 'CellAccepted';
  /** Hash of all that the cell was computed from: that of its `CellTask`. */
  readonly input: string;
  readonly state: BlobId;
  readonly emigrants: BlobId;
  /** The best cost of the island so far; finite. */
  readonly value: number;
  readonly evaluations: number;
  readonly kernelVersion: string;
  /** Who computed it, where several could have. */
  readonly worker?: string;
}

/** An accepted cell was computed again, with the same result. */
export interface CellAudited extends CellPlace {
  readonly type: 'CellAudited';
  /** By whom; null: there was no other worker, so the result holds as it is. */
  readonly worker: string | null;
}

/** All cells of an epoch are accepted. */
export interface EpochSealed {
  readonly type: 'EpochSealed';
  readonly epoch: number;
  /** The best cell of all sealed epochs; of equal ones the earliest, then the lowest island. */
  readonly best: CellPlace;
  readonly value: number;
}

/**
 * A user wants no more: the search ends at the last sealed epoch, whose best is still finished. The
 * second time there is no result.
 */
export interface JobCancelled {
  readonly type: 'JobCancelled';
}

/** A cell cannot be computed: it failed on several workers, or two of them differ about it. */
export interface CellQuarantined extends CellPlace {
  readonly type: 'CellQuarantined';
  readonly cause: FailureCause;
}

/** Why a cell failed; a closed list, as a message could hold what must not leave its process. */
export const FAILURE_CAUSES = [
  'worker-lost',
  'out-of-memory',
  'not-finite',
  'bad-input',
  'crashed',
  'blob-lost',
  'timed-out',
  'results-differ',
] as const;

export type FailureCause = (typeof FAILURE_CAUSES)[number];

export interface JobDone {
  readonly type: 'JobDone';
  /** The search was decided at the last sealed epoch; cells of later ones do not count. */
  readonly reason: 'target-reached' | 'epochs-done' | 'cancelled' | 'failed';
  /** The last sealed one; -1 where there is none. */
  readonly epoch: number;
}

export type JobEvent =
  | JobSubmitted
  | CellAccepted
  | CellAudited
  | EpochSealed
  | JobCancelled
  | CellQuarantined
  | JobDone;
