import { Job, type JobBook, type JobId, type JobSpec } from '../jobs/index.js';
import { type BlobId, contentId } from '../store/index.js';
import { Refusal } from './refusal.js';

/** A job that a user wants done. */
export interface Submission {
  readonly tenant: string;
  /** Empty: the job's id. */
  readonly key: string;
  readonly subject: BlobId;
  readonly spec: JobSpec;
}

/** The id of a job, or of its next attempt where the last one came to nothing. */
export function freeId(book: JobBook, tenant: string, spec: JobSpec): JobId {
  for (let attempt = 1; ; attempt++) {
    const id = idOf(tenant, spec, attempt);
    const reason = book.find(id)?.job.done?.reason;
    if (reason !== 'cancelled' && reason !== 'failed') return id;
  }
}

/** Names the nth attempt of a tenant at a job. */
export function idOf(tenant: string, { jobHash }: JobSpec, attempt: number): JobId {
  return contentId(JSON.stringify([tenant, jobHash, attempt])).slice(0, 32);
}

/** Characters of what a user calls a job. */
const MOST_KEY = 128;

/** @throws Refusal for what is no job */
export function checkSubmission({ key, spec }: Pick<Submission, 'key' | 'spec'>): void {
  if (key.length > MOST_KEY) {
    throw new Refusal(
      'bad-job',
      `no such job: a key of ${key.length} characters, over ${MOST_KEY}`,
    );
  }
  try {
    new Job([{ type: 'JobSubmitted', ...spec }]);
  } catch (error) {
    throw new Refusal('bad-job', error instanceof Error ? error.message : String(error));
  }
}
