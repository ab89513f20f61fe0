import type { JobId, JobSpec } from '../jobs/index.js';
import type { BlobId } from '../store/index.js';
import type { LeaseSettings } from './lease-table.js';
import type { DispatcherNote, Observer } from './notes.js';

export interface DispatcherOptions {
  /** Names this coordinator in the log. */
  readonly name: string;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  readonly leases?: LeaseSettings;
  readonly observe?: Observer<DispatcherNote>;
}

export interface Submission {
  readonly tenant: string;
  /** Empty: the job's id. */
  readonly key: string;
  readonly subject: BlobId;
  readonly spec: JobSpec;
}

/** Told of a job that has changed. */
export type JobListener = (job: JobId) => void;
