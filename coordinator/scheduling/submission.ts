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

/** Characters of a name: what a user calls a job, or a hash. */
const MOST_NAME = 128;
/** A leader keeps each job in memory, and looks at all islands whenever it gives out cells. */
const MOST_ISLANDS = 1024;
const MOST_EPOCHS = 100_000;

export class Submissions {
  /** Finished jobs that are being looked at. */
  private readonly looks = new Map<JobId, Promise<boolean>>();

  constructor(
    private readonly book: JobBook,
    private readonly store: Pick<Store<never>, 'getBlob' | 'hasBlob'>,
    private readonly audit: Audit,
  ) {}

  /**
   * The finished jobs of a submission of which what they came to is not there any more: to be asked
   * before it is this submission's turn, as it takes some reading.
   * @throws Refusal
   */
  async lost(submission: Submission): Promise<ReadonlySet<JobId>> {
    check(submission);
    const { tenant, key, spec } = submission;
    const lost = new Set<JobId>();
    // A key stands for its job whatever has become of that.
    if (key !== '' && this.book.named(tenant, key) !== undefined) return lost;
    for (;;) {
      const id = this.freeId(tenant, spec, lost);
      const job = this.book.find(id)?.job;
      if (job === undefined || job.done === null || (await this.isFoundWhole(id, job))) return lost;
      lost.add(id);
    }
  }

  /**
   * @param lost what `lost` has said
   * @throws Refusal
   */
  async taken(submission: Submission, lost: ReadonlySet<JobId>): Promise<Submitted> {
    const { tenant, key, subject, spec } = submission;
    const known = key === '' ? undefined : this.book.named(tenant, key);
    if (known !== undefined) {
      if (known.job.spec.jobHash === spec.jobHash)
        return { job: known.id, isNew: false, events: [] };
      throw new Refusal('key-taken', `the key stands for job ${known.id}`);
    }
    const job = this.freeId(tenant, spec, lost);
    const named = { job, tenant, key: key === '' ? job : key };
    if (this.book.find(job) !== undefined) {
      // It has one more name from here on, which stands for no other job then.
      return { job, isNew: false, events: key === '' ? [] : [{ type: 'JobNamed', ...named }] };
    }
    const other = this.book.named(tenant, named.key);
    if (other !== undefined) throw new Refusal('key-taken', `the key stands for job ${other.id}`);
    if (!(await this.store.hasBlob(subject))) {
      throw new Refusal('subject-missing', `there is no blob ${subject}`);
    }
    const { audit } = this;
    return { job, isNew: true, events: [{ type: 'JobOpened', ...named, subject, spec, audit }] };
  }

  /** The id of a job, or of its next attempt where there is nothing that the last came to. */
  private freeId(tenant: string, spec: JobSpec, lost: ReadonlySet<JobId>): JobId {
    for (let attempt = 1; ; attempt++) {
      const id = idOf(tenant, spec, attempt);
      const reason = this.book.find(id)?.job.done?.reason;
      if (reason !== 'cancelled' && reason !== 'failed' && !lost.has(id)) return id;
    }
  }

  /** Whether a finished job is whole; who asks meanwhile hears the same. */
  private isFoundWhole(id: JobId, job: Job): Promise<boolean> {
    const look = this.looks.get(id) ?? this.isWhole(job).finally(() => this.looks.delete(id));
    this.looks.set(id, look);
    return look;
  }

  /** Whether all is there that users fetch of a finished job, by all that is known. */
  private async isWhole({ result, best, lastCells }: Job): Promise<boolean> {
    const ends = [result, best, ...lastCells].flatMap((cell) => cell?.state ?? []);
    for (const id of new Set(ends)) {
      try {
        await this.store.getBlob(id);
      } catch (error) {
        if (isStoreProblem(error, 'blob-lost')) return false;
      }
    }
    return true;
  }
}

/** Names the nth attempt of a tenant at a job. */
function idOf(tenant: string, { jobHash }: JobSpec, attempt: number): JobId {
  return contentId(JSON.stringify([tenant, jobHash, attempt])).slice(0, 32);
}

/** @throws Refusal for what is no job, or one that is too large */
function check({ key, spec }: Submission): void {
  const { jobHash, kernelVersion, inNeighbours, epochs } = spec;
  const large = [
    ...Object.entries({ key, jobHash, kernelVersion }).flatMap(([what, { length }]) =>
      length > MOST_NAME ? [`${what} of ${length} characters, over ${MOST_NAME}`] : [],
    ),
    ...(inNeighbours.length > MOST_ISLANDS
      ? [`${inNeighbours.length} islands, over ${MOST_ISLANDS}`]
      : []),
    ...(epochs > MOST_EPOCHS ? [`${epochs} epochs, over ${MOST_EPOCHS}`] : []),
  ];
  if (large.length > 0) throw new Refusal('bad-job', `no such job: ${large.join('; ')}`);
  try {
    new Job([{ type: 'JobSubmitted', ...spec }]);
  } catch (error) {
    throw new Refusal('bad-job', error instanceof Error ? error.message : String(error));
  }
}
