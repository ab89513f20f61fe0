import type { workers } from '@isola/cluster/wire';
import { type Dispatcher, LEASES } from '@isola/coordinator/scheduling';
import { cellFromWire } from '@isola/coordinator/services';
import type { StreamEnd } from '../network/index.js';
import { type Coordinator, TICK_MS } from '../processes/index.js';
import type { LogServer } from '../storage/index.js';
import { isAttached, makesWait, roomIn } from './inside.js';
import type { LogChecker } from './log-checker.js';
import type { Report } from './violation.js';

/** What is known of a stream by what was said on it. */
interface Talk {
  worker: string;
  slots: number;
  isDraining: boolean;
}

/** Slack for what is under way when a second ends. */
const SLACK_MS = 2 * TICK_MS;

/** Listens to all that coordinators and workers say to each other. */
export class LeaseChecker {
  private readonly talks = new Map<StreamEnd, Talk>();
  /** By dispatcher and worker, in the time of the coordinator's own clock. */
  private readonly heardMs = new Map<Dispatcher, Map<string, number>>();

  /** Cells that were not leased a second ago though there was room. */
  private readonly idle = new Map<Dispatcher, ReadonlySet<string>>();

  constructor(
    private readonly report: Report,
    private readonly log: LogChecker,
    private readonly server: LogServer,
  ) {}

  hears(from: Coordinator, stream: StreamEnd, { message }: workers.FromWorker): void {
    const talk = this.talks.get(stream) ?? { worker: '', slots: 0, isDraining: false };
    this.talks.set(stream, talk);
    if (message?.$case === 'hello') {
      talk.worker = message.value.worker;
      talk.slots = message.value.slots;
    } else if (message?.$case === 'drain') talk.isDraining = true;
    const { dispatcher } = from;
    if (dispatcher === null) return;
    const heard = this.heardMs.get(dispatcher) ?? new Map<string, number>();
    this.heardMs.set(dispatcher, heard);
    heard.set(talk.worker, stream.process.clockMs());
  }

  sends(from: Coordinator, stream: StreamEnd, { message }: workers.ToWorker): void {
    const { dispatcher } = from;
    const talk = this.talks.get(stream);
    if (dispatcher === null || talk === undefined || message === undefined) return;
    if (message.$case === 'lease') this.leased(dispatcher, talk, message.value);
    else if (message.$case === 'settled') this.settled(message.value);
    else if (message.$case === 'revoke') this.revoked(dispatcher, message.value);
  }

  ticked({ dispatcher }: Coordinator, ownMs: number): void {
    if (dispatcher === null || dispatcher.isDeposed) return;
    const leases = dispatcher.book.all().flatMap(({ id }) => dispatcher.leases.ofJob(id));
    for (const { worker } of leases) {
      const heardMs = this.heardMs.get(dispatcher)?.get(worker) ?? ownMs;
      if (ownMs - heardMs > LEASES.silentMs + SLACK_MS) this.report('silent-not-noticed', worker);
    }
    for (const { id } of dispatcher.book.all()) {
      const ghost = dispatcher.links
        .activities(id)
        .find(({ worker }) => !isAttached(dispatcher, worker));
      if (ghost !== undefined) this.report('ghost-activity', ghost.worker);
    }
    if (dispatcher.paused === null) this.checkRoom(dispatcher);
  }

  private leased(dispatcher: Dispatcher, talk: Talk, lease: workers.Lease): void {
    const cell = cellFromWire(lease.cell);
    const name = `${cell.job} ${cell.island}@${cell.epoch} to ${talk.worker}`;
    if (talk.isDraining) this.report('leased-to-draining', name);
    const leases = dispatcher.book.all().flatMap(({ id }) => dispatcher.leases.ofJob(id));
    const own = leases.filter(({ worker }) => worker === talk.worker);
    if (own.length > talk.slots) this.report('slots-exceeded', name);
    const job = dispatcher.book.find(cell.job)?.job;
    const known = job?.resultOf(cell);
    const isRepair = known && [known.state, known.emigrants].some((id) => this.server.lost.has(id));
    const audited = job?.auditDueOf(cell);
    const isAudit = audited !== undefined && audited.worker !== talk.worker;
    const isNeeded = known === undefined || isRepair || isAudit;
    if (job?.done != null || !isNeeded) this.report('recomputed', name);
  }

  private settled(wire: workers.Cell): void {
    const cell = cellFromWire(wire);
    if (!this.log.isAccepted(cell.job, cell)) {
      this.report('settled-unkept', `${cell.job} ${cell.island}@${cell.epoch}`);
    }
  }

  private revoked(dispatcher: Dispatcher, wire: workers.Cell): void {
    const cell = cellFromWire(wire);
    const job = dispatcher.book.find(cell.job)?.job;
    if (job === undefined || job.done !== null || job.cancelled > 0) return;
    if (job.quarantined !== null || job.resultOf(cell) !== undefined) return;
    if (job.taskOf(cell)?.input !== cell.input) return;
    this.report('revoked-needed', `${cell.job} ${cell.island}@${cell.epoch}`);
  }

  /** What can be computed is leased where a worker could take it. */
  private checkRoom(dispatcher: Dispatcher): void {
    const { book, leases } = dispatcher;
    const room = roomIn(leases);
    if (makesWait(dispatcher)) room.clear();
    const now = new Set<string>();
    for (const { id, job } of book.all()) {
      const out = new Set(leases.ofJob(id).map(({ cell }) => cell.task.input));
      const idle = job.runnable().find(({ input }) => !out.has(input));
      if (!room.has(job.spec.kernelVersion) || idle === undefined) continue;
      now.add(idle.input);
      // Once is chance: something else is being written down.
      if (this.idle.get(dispatcher)?.has(idle.input))
        this.report('room-not-used', `${id} ${idle.input}`);
    }
    this.idle.set(dispatcher, now);
  }
}
