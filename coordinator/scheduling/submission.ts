/** What comes of a job that a user wants done: a new one, or one that is known. */
import {
  type Audit,
  type ClusterEvent,
  Job,
  type JobBook,
  type JobId,
  type JobSpec,
} from '../jobs/index.js';
import { type BlobId, contentId, isStoreProblem, type Store } from '../store/index.js';
import { Refusal } from './refusal.js';

/** A job that a user wants done. */
export interface Submission {
  readonly tenant: string;
  /** Empty: the job's id. */
  readonly key: string;
  readonly subject: BlobId;
  readonly spec: JobSpec;
}

/** The job that a submission stands for, and what is to be written down for that. */
export interface Submitted {
  readonly job: JobId;
  readonly isNew: boolean;
  readonly events: readonly ClusterEvent[];
}

type Blobs = Pick<Store<never>, 'getBlob' | 'hasBlob'>;

/** Characters of what a user calls a job. */
const MOST_KEY = 128;

/** @throws Refusal */
export async function submitted(
  submission: Submission,
  book: JobBook,
  blobs: Blobs,
  audit: Audit,
): Promise<Submitted> {
  const { tenant, key, subject, spec } = submission;
  checkSubmission(submission);
  const known = key === '' ? undefined : book.named(tenant, key);
  if (known !== undefined) {
    if (known.job.spec.jobHash === spec.jobHash) return { job: known.id, isNew: false, events: [] };
    throw new Refusal('key-taken', `the key stands for job ${known.id}`);
  }
  const job = await freeId(book, blobs, tenant, spec);
  const isNew = book.find(job) === undefined;
  const named = { job, tenant, key: key === '' ? job : key };
  const other = book.named(tenant, named.key);
  if (isNew && other !== undefined) {
    throw new Refusal('key-taken', `the key stands for job ${other.id}`);
  }
  if (isNew && !(await blobs.hasBlob(subject))) {
    throw new Refusal('subject-missing', `there is no blob ${subject}`);
  }
  if (isNew) return { job, isNew, events: [{ type: 'JobOpened', ...named, subject, spec, audit }] };
  // It has one more name from here on, which stands for no other job then.
  return { job, isNew, events: key === '' ? [] : [{ type: 'JobNamed', ...named }] };
}

/** The id of a job, or of its next attempt where there is nothing left of what the last came to. */
async function freeId(book: JobBook, blobs: Blobs, tenant: string, spec: JobSpec): Promise<JobId> {
  for (let attempt = 1; ; attempt++) {
    const id = idOf(tenant, spec, attempt);
    const job = book.find(id)?.job;
    const reason = job?.done?.reason;
    if (reason === 'cancelled' || reason === 'failed') continue;
    if (job === undefined || job.done === null || (await isWhole(job, blobs))) return id;
  }
}

/** Whether all is there that a job has come to, unharmed. */
async function isWhole(job: Job, blobs: Blobs): Promise<boolean> {
  const ends = [job.result, ...job.lastCells].flatMap((cell) => cell?.state ?? []);
  for (const id of ends) {
    try {
      await blobs.getBlob(id);
    } catch (error) {
      if (isStoreProblem(error, 'blob-lost')) return false;
      throw error;
    }
  }
  return true;
}

/** Names the nth attempt of a tenant at a job. */
function idOf(tenant: string, { jobHash }: JobSpec, attempt: number): JobId {
  return contentId(JSON.stringify([tenant, jobHash, attempt])).slice(0, 32);
}

/** @throws Refusal for what is no job */
function checkSubmission({ key, spec }: Submission): void {
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
