import type { BlobId } from '../store/index.js';
import type {
  ClusterEvent,
  JobId,
  JobMoved,
  JobNamed,
  JobOpened,
  LeaderElected,
} from './cluster-event.js';
import { Job } from './job.js';
import type { JobEvent } from './job-event.js';

/** A job, and whose it is. */
export interface BookedJob {
  readonly id: JobId;
  readonly tenant: string;
  readonly key: string;
  readonly subject: BlobId;
  readonly job: Job;
  /** All that has happened to it: as many as its version says. */
  readonly events: readonly JobEvent[];
}

type OpenBookedJob = BookedJob & { readonly events: JobEvent[] };

/** All jobs of a cluster as its log tells of them; pure, as a job is. */
export class JobBook {
  /** Number of events applied: the version of the log that this is the state of. */
  version = 0;
  leader: LeaderElected | null = null;
  /** In the order of their submission. */
  private readonly jobs = new Map<JobId, OpenBookedJob>();
  private readonly byKey = new Map<string, BookedJob>();

  constructor(events: readonly ClusterEvent[]) {
    for (const event of events) this.apply(event);
  }

  /**
   * Takes in the next event of the log.
   * @throws Error for an event that no coordinator writes
   */
  apply(event: ClusterEvent): void {
    if (event.type === 'JobOpened') this.open(event);
    else if (event.type === 'JobMoved') this.move(event);
    else if (event.type === 'JobNamed') this.name(event);
    else this.elect(event);
    this.version++;
  }

  all(): readonly BookedJob[] {
    return [...this.jobs.values()];
  }

  find(id: JobId): BookedJob | undefined {
    return this.jobs.get(id);
  }

  /** The job that a tenant has given this name. */
  named(tenant: string, key: string): BookedJob | undefined {
    return this.byKey.get(nameOf(tenant, key));
  }

  /** A tenant's job; undefined for what is not there and for what is another tenant's. */
  owned(tenant: string, id: JobId): BookedJob | undefined {
    const booked = this.find(id);
    return booked?.tenant === tenant ? booked : undefined;
  }

  /** Tenants with a job that made a blob, or that is about it. */
  ownersOf(blob: BlobId): string[] {
    return this.all()
      .filter(({ subject, job }) => subject === blob || job.makerOf(blob) !== undefined)
      .map(({ tenant }) => tenant);
  }

  private open({ job: id, tenant, key, subject, spec, audit }: JobOpened): void {
    if (this.jobs.has(id)) throw new Error(`job ${id} is opened twice`);
    const events: JobEvent[] = [{ type: 'JobSubmitted', ...spec, ...(audit && { audit }) }];
    const booked = { id, tenant, key, subject, job: new Job(events), events };
    this.jobs.set(id, booked);
    this.name({ job: id, tenant, key });
  }

  private name({ job: id, tenant, key }: Omit<JobNamed, 'type'>): void {
    const booked = this.owned(tenant, id);
    if (booked === undefined) throw new Error(`there is no job ${id}`);
    if (this.named(tenant, key)) throw new Error('a key stands for two jobs');
    this.byKey.set(nameOf(tenant, key), booked);
  }

  private move({ job: id, event }: JobMoved): void {
    const booked = this.jobs.get(id);
    if (booked === undefined) throw new Error(`there is no job ${id}`);
    booked.job.apply(event);
    booked.events.push(event);
  }

  private elect(event: LeaderElected): void {
    const term = (this.leader?.term ?? 0) + 1;
    if (event.term !== term) throw new Error(`term ${event.term} does not follow ${term - 1}`);
    this.leader = event;
  }
}

function nameOf(tenant: string, key: string): string {
  return JSON.stringify([tenant, key]);
}
