/**
 * The coordinator's heart: keeps the book of jobs in step with the store, and the workers in work.
 * It knows no socket and no clock of its own, so a simulation runs the same code.
 */
import {
  type BookedJob,
  type ClusterEvent,
  JobBook,
  type JobEvent,
  type JobId,
} from '../jobs/index.js';
import type { BlobId, Store } from '../store/index.js';
import { Arrivals } from './arrivals.js';
import type { DispatcherOptions, JobListener } from './dispatcher-options.js';
import { cellKey, LEASES, type Lease, type OfferedCell } from './lease.js';
import { LeaseTable } from './lease-table.js';
import { Ledger } from './ledger.js';
import type { DispatcherNote } from './notes.js';
import { audits, offers, type RepairCell, wantedOf } from './offers.js';
import {
  type CellFailure,
  type CellName,
  type CellProgress,
  type CellReport,
  nameOf,
  type WorkerHello,
  type WorkerLink,
} from './orders.js';
import { SentBlobs } from './sent-blobs.js';
import { type Submission, Submissions } from './submission.js';
import { WorkerLinks } from './worker-links.js';

/** Workers of the leader before have dialled by then. */
const RETURN_MS = 5_000;

export class Dispatcher {
  readonly leases: LeaseTable;
  readonly sent = new SentBlobs();
  private readonly ledger: Ledger;
  private readonly arrivals: Arrivals;
  private readonly submissions: Submissions;
  readonly links = new WorkerLinks();
  private readonly repairs = new Map<string, RepairCell>();
  private readonly listeners = new Set<JobListener>();
  private readonly leadsSinceMs: number;
  /** The tick that waits for its turn. */
  private ticking: Promise<void> | null = null;

  private constructor(
    readonly store: Store<ClusterEvent>,
    readonly book: JobBook,
    private readonly options: DispatcherOptions,
  ) {
    this.leases = new LeaseTable(options.leases ?? LEASES);
    this.leadsSinceMs = options.nowMs();
    this.submissions = new Submissions(book, store, options.audit ?? 'none');
    this.ledger = new Ledger(store, book, {
      observe: (note) => this.note(note),
      onChanged: (job) => this.tell(job),
      onLetGo: () => this.links.closeAll(),
    });
    this.arrivals = new Arrivals(this.ledger, {
      settle: (cell, worker, type) => this.settle(cell, worker, type),
      decide: (booked) => this.decide(booked),
      fail: ({ job, input }, worker) => this.leases.fail(worker, job, input),
      revoke: (cell, worker) => this.links.send(worker, { type: 'revoke', cell }),
      quarantine: (id, cell, cause) => this.quarantine(id, cell, cause),
      assign: () => this.assign(),
    });
  }

  /**
   * Takes the lead over what the store holds.
   * @param loaded the book of the store's events, where they were loaded already
   * @throws Refusal 'not-leading' where another coordinator was quicker
   */
  static async lead(
    store: Store<ClusterEvent>,
    options: DispatcherOptions,
    loaded?: JobBook,
  ): Promise<Dispatcher> {
    const book = loaded ?? new JobBook(await store.load());
    const dispatcher = new Dispatcher(store, book, options);
    const term = (dispatcher.book.leader?.term ?? 0) + 1;
    const elected = { type: 'LeaderElected', coordinator: options.name, term } as const;
    await dispatcher.ledger.append([elected]);
    for (const booked of dispatcher.book.all()) await dispatcher.decide(booked);
    return dispatcher;
  }

  /** Why nothing is accepted at the moment; null where all is well. */
  get paused(): string | null {
    return this.ledger.paused;
  }

  /** Another coordinator leads, or this one is closed: nothing more is done here. */
  get isDeposed(): boolean {
    return this.ledger.isDeposed;
  }

  /** Resolves with that. */
  get deposed(): Promise<void> {
    return this.ledger.deposed;
  }

  /** Workers may still be with the leader before. */
  private get isEarly(): boolean {
    return this.options.nowMs() - this.leadsSinceMs < RETURN_MS;
  }

  /** @throws Refusal */
  async submit(submission: Submission): Promise<{ readonly job: JobId; readonly isNew: boolean }> {
    const lost = await this.submissions.lost(submission);
    return this.ledger.inTurn(async () => {
      const { events, ...told } = await this.submissions.taken(submission, lost);
      await this.ledger.append(events);
      if (told.isNew) this.assign();
      return told;
    });
  }

  /**
   * Ends the search of a job with its best so far.
   * @param isNow ends the job at once, without a result
   */
  cancel(id: JobId, isNow = false): Promise<void> {
    return this.ledger.inTurn(async () => {
      const booked = this.book.find(id);
      if (booked === undefined) return;
      // Its end may be due, and yet to be written down since the store was full.
      await this.decide(booked);
      // What has not begun has nothing to keep; who has may be on its way back.
      const isSearch = booked.job.spec.epochs > 0;
      const isIdle = this.leases.ofJob(id).length === 0 && !isSearch && !this.isEarly;
      const wanted = isNow || isIdle ? 2 : 1;
      // The worker of a single cell may not have heard: it is told again.
      const isKnown = booked.job.cancelled >= wanted && isSearch;
      if (booked.job.done !== null || isKnown) return;
      while (booked.job.cancelled < wanted) await this.move(booked, { type: 'JobCancelled' });
      await this.decide(booked);
      for (const { worker, cell } of this.leases.ofJob(id)) {
        const isFinish = booked.job.isFinishing(cell.task);
        const name = nameOf(id, cell.task);
        if (isFinish) this.links.send(worker, { type: 'cut-short', cell: name });
        else this.settle(name, null, 'revoke');
      }
      this.assign();
    });
  }

  /** Keeps a blob of whoever sends it. */
  async keep(blob: Uint8Array): Promise<BlobId> {
    try {
      return await this.store.putBlob(blob);
    } catch (error) {
      this.ledger.pauses(error);
      throw error;
    }
  }

  /** A worker arrives, or is back: what it works on stays its own. */
  attach(hello: WorkerHello, link: WorkerLink): void {
    const { name, kernelVersion, slots, running } = hello;
    if (this.isDeposed) {
      link.close();
      return;
    }
    this.links.open(name, link, hello.instance);
    const nowMs = this.options.nowMs();
    const suspects = this.leases.leave(name);
    this.leases.join(name, kernelVersion, slots, nowMs);
    if (hello.isDraining) this.drain(name);
    this.note({ type: 'worker-attached', worker: name, slots });
    for (const cell of running) {
      const wanted = wantedOf(this.book.find(cell.job), cell, name);
      if (wanted === null) {
        this.links.send(name, { type: 'revoke', cell });
        continue;
      }
      this.leases.adopt(name, wanted, nowMs);
      this.cutShort(name, wanted);
    }
    if (suspects.length > 0) this.giveUp(suspects).catch(() => {});
    else this.assign();
  }

  /** A worker's link is gone. */
  detach(name: string, link: WorkerLink): Promise<void> {
    if (!this.links.drop(name, link)) return Promise.resolve();
    this.note({ type: 'worker-lost', worker: name });
    return this.giveUp(this.leases.leave(name));
  }

  drain(name: string): void {
    this.leases.drain(name);
  }

  heartbeat(name: string, cells: readonly CellProgress[]): void {
    // What a stream still brings of a worker that was taken for lost.
    if (!this.links.has(name)) return;
    this.leases.seen(name, this.options.nowMs());
    this.links.heard(name, cells);
    for (const job of new Set(cells.map(({ cell }) => cell.job))) this.tell(job);
  }

  /**
   * A worker has computed a cell. Whoever it is and whatever its lease: the result counts.
   * @param blobs those of the result that are not in the store yet
   */
  done(worker: string, report: CellReport, blobs: readonly Uint8Array[] = []): Promise<void> {
    this.leases.seen(worker, this.options.nowMs());
    return this.arrivals.take({ worker, report, blobs });
  }

  /** A worker cannot compute a cell. */
  failed(worker: string, failure: CellFailure): Promise<void> {
    return this.ledger.inTurn(async () => {
      await this.fail(worker, failure);
      this.assign();
    });
  }

  /** To be called every second or so: what only time brings about. */
  tick(): Promise<void> {
    const gone = this.leases.silent(this.options.nowMs()).map((name) => {
      const link = this.links.get(name);
      link?.close();
      return link && this.detach(name, link);
    });
    this.ticking ??= this.ledger
      .inTurn(async () => {
        if (this.paused !== null) await this.resume();
        for (const lease of this.leases.overdue(this.options.nowMs())) await this.timeOut(lease);
        if (this.paused === null) for (const booked of this.unended()) await this.decide(booked);
        this.assign();
      })
      .finally(() => {
        this.ticking = null;
      });
    return Promise.all([...gone, this.ticking]).then(() => {});
  }

  /** To be called often: cells that take too long get a second worker as soon as one is free. */
  hurry(): void {
    if (this.leases.hasLate(this.options.nowMs())) this.assign();
  }

  /** Whether a tenant has sent a blob, or has a job that it belongs to. */
  isOwn(tenant: string, blob: BlobId): boolean {
    return this.sent.has(tenant, blob) || this.book.ownersOf(blob).includes(tenant);
  }

  /** Calls `listener` whenever a job has changed, until the function that it gives is called. */
  listen(listener: JobListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Another coordinator leads: lets go of all workers. */
  depose(): void {
    this.ledger.depose();
  }

  /** Lets go of all workers, and waits for what is being written. */
  close(): Promise<void> {
    return this.ledger.close();
  }

  private async fail(worker: string, { cell, cause, blob }: CellFailure): Promise<void> {
    this.note({ type: 'cell-failed', worker, cell, cause });
    const isMended = cause === 'blob-lost' && blob !== null && this.repair(cell.job, blob);
    const kind = isMended ? 'mended' : cause === 'worker-lost' ? 'lost' : 'failed';
    const isHopeless = this.leases.fail(worker, cell.job, cell.input, kind);
    if (isHopeless) await this.quarantine(cell.job, cell, cause);
  }

  /** A worker that hangs does not say so itself. */
  private async timeOut({ worker, cell: { job, task } }: Lease): Promise<void> {
    const cell = nameOf(job, task);
    this.links.send(worker, { type: 'revoke', cell });
    await this.fail(worker, { cell, cause: 'timed-out', blob: null });
  }

  /** Writes down what follows from a job's events. */
  private async decide(booked: BookedJob): Promise<void> {
    const { job, id } = booked;
    for (let due = job.due(); due !== null; due = job.due()) await this.move(booked, due);
    if (job.done === null) return this.giveUpAudits(booked);
    for (const { worker, cell } of this.leases.forget(id)) {
      this.links.send(worker, { type: 'revoke', cell: nameOf(id, cell.task) });
    }
    for (const [key, { booked: of }] of this.repairs) if (of === booked) this.repairs.delete(key);
  }

  /** Quarantines what too many workers were lost with, unless another has it or is done with it. */
  private giveUp(suspects: readonly Lease[]): Promise<void> {
    return this.ledger.inTurn(async () => {
      for (const { cell } of suspects) {
        const isHopeless = this.leases.isHopeless(cellKey(cell.job, cell.task.input));
        if (isHopeless) await this.quarantine(cell.job, nameOf(cell.job, cell.task));
      }
      this.assign();
    });
  }

  private async quarantine(
    id: JobId,
    { island, epoch }: CellName,
    cause: CellFailure['cause'] = 'worker-lost',
  ): Promise<void> {
    const booked = this.book.find(id);
    if (booked === undefined || booked.job.done !== null) return;
    const isAudit = cause !== 'results-differ' && booked.job.auditDueOf({ island, epoch });
    if (isAudit) await this.move(booked, { type: 'CellAudited', island, epoch, worker: null });
    else await this.move(booked, { type: 'CellQuarantined', island, epoch, cause });
    await this.decide(booked);
  }

  /** Where nobody else is there to agree with a result, it holds as it is. */
  private async giveUpAudits(booked: BookedJob): Promise<void> {
    if (this.isEarly) return;
    const isHopeless = (cell: OfferedCell) => !this.leases.hasWorkerFor(cell);
    const hopeless = audits(booked, this.leases).find(isHopeless);
    if (hopeless === undefined) return;
    const { island, epoch } = hopeless.task;
    await this.move(booked, { type: 'CellAudited', island, epoch, worker: null });
    await this.decide(booked);
  }

  /** The cell that made a blob is to be computed once more; false where no cell made it. */
  private repair(id: JobId, blob: BlobId): boolean {
    const booked = this.book.find(id);
    const maker = booked?.job.makerOf(blob);
    const task = maker && booked?.job.taskOf(maker);
    if (booked === undefined || task === undefined) return false;
    if (booked.job.done !== null) return true;
    this.repairs.set(cellKey(id, task.input), { booked, task });
    return true;
  }

  private assign(): void {
    if (this.paused !== null || this.isDeposed) return;
    const { book, repairs, leases } = this;
    const offered = offers(book, repairs, leases);
    for (const lease of leases.assign(offered, this.options.nowMs())) this.order(lease);
  }

  private order(lease: Lease): void {
    const { job: id, task } = lease.cell;
    const booked = this.book.find(id);
    if (booked === undefined) return;
    const isFinish = booked.job.isFinishing(task);
    this.links.send(lease.worker, { type: 'lease', lease, subject: booked.subject, isFinish });
    this.cutShort(lease.worker, lease.cell);
  }

  /** A cell that is a whole cancelled job ends with its best so far. */
  private cutShort(worker: string, { job: id, task }: OfferedCell): void {
    const job = this.book.find(id)?.job;
    if (job === undefined || job.cancelled === 0 || job.spec.epochs > 0) return;
    this.links.send(worker, { type: 'cut-short', cell: nameOf(id, task) });
  }

  /** A cell needs no more work: whoever works on it is told, `worker` that its report arrived. */
  private settle(cell: CellName, worker: string | null, type: 'settled' | 'revoke'): void {
    const { job, input } = cell;
    this.repairs.delete(cellKey(job, input));
    const nowMs = this.options.nowMs();
    const leases = this.leases.settle(job, input, worker, nowMs);
    const own = type === 'settled' && leases.find((lease) => lease.worker === worker);
    if (own) this.note({ type: 'cell-computed', worker: own.worker, ms: nowMs - own.sinceMs });
    const others = leases.filter((lease) => lease.worker !== worker);
    for (const other of others) this.links.send(other.worker, { type: 'revoke', cell });
    if (worker !== null) this.links.send(worker, { type, cell });
  }

  private move({ id }: BookedJob, event: JobEvent): Promise<void> {
    return this.ledger.append([{ type: 'JobMoved', job: id, event }]);
  }

  /** Where the store takes something again, what waited is accepted. */
  private async resume(): Promise<void> {
    if (!(await this.ledger.resume(this.options.nowMs()))) return;
    await this.arrivals.retry();
  }

  /** Jobs that something may be due for. */
  private unended(): BookedJob[] {
    return this.book.all().filter(({ job }) => job.done === null);
  }

  private note(note: DispatcherNote): void {
    this.options.observe?.(note);
  }

  private tell(job: JobId): void {
    for (const listener of this.listeners) listener(job);
  }
}
