/** The log of a cluster: what happened to all its jobs, in one order. */
import type { BlobId } from '../store/index.js';
import type { Audit, JobEvent, JobSpec } from './job-event.js';

/** Hash of tenant and spec, 32 hexadecimal digits: the same job of the same tenant is one job. */
export type JobId = string;

/** A user submits a job. */
export interface JobOpened {
  readonly type: 'JobOpened';
  readonly job: JobId;
  readonly tenant: string;
  /** A name of the user's choice that never stands for two jobs. */
  readonly key: string;
  /** What cells are about: the plan and the case. */
  readonly subject: BlobId;
  readonly spec: JobSpec;
  readonly audit?: Audit;
}

/** A user submits a job once more, by another name. */
export interface JobNamed {
  readonly type: 'JobNamed';
  readonly job: JobId;
  readonly tenant: string;
  /** As that of `JobOpened`. */
  readonly key: string;
}

/** Something happens to a job. */
export interface JobMoved {
  readonly type: 'JobMoved';
  readonly job: JobId;
  readonly event: JobEvent;
}

/**
 * A coordinator leads from here on. Whoever led before learns of it at its next append, which is
 * behind a version that is no longer the last.
 */
export interface LeaderElected {
  readonly type: 'LeaderElected';
  readonly coordinator: string;
  /** One more than that of the leader before, from 1. */
  readonly term: number;
}

export type ClusterEvent = JobOpened | JobNamed | JobMoved | LeaderElected;
