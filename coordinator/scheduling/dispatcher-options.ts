import type { Audit, JobId } from '../jobs/index.js';
import type { LeaseSettings } from './lease.js';
import type { DispatcherNote, Observer } from './notes.js';

export interface DispatcherOptions {
  /** Names this coordinator in the log. */
  readonly name: string;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  readonly leases?: LeaseSettings;
  /** Of jobs that are submitted here; by default none. */
  readonly audit?: Audit;
  readonly observe?: Observer<DispatcherNote>;
}

/** Told of a job that has changed. */
export type JobListener = (job: JobId) => void;
