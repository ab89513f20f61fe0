/**
 * A job as a state machine: events in, what can be done now out. It knows no clock, disk or
 * network, and nothing of what cells compute; the same events always lead to the same state.
 */
import type { BlobId } from '../store/index.js';
import { type CellTask, cellTask } from './cell-task.js';
import type {
  Audit,
  CellAccepted,
  CellAudited,
  CellPlace,
  CellQuarantined,
  EpochSealed,
  JobDone,
  JobEvent,
  JobSpec,
} from './job-event.js';
import { ResultMismatch } from './result-mismatch.js';

/** How far a job's audit has come; 'missing': what it ends with is not confirmed by two workers. */
export const AUDIT_STATES = ['none', 'pending', 'agreed', 'missing'] as const;

export type AuditState = (typeof AUDIT_STATES)[number];

export class Job {
  readonly spec: JobSpec;
  readonly audit: Audit;
  /** Number of events applied: the version of the log that this is the state of. */
  version = 1;
  /** The best cell of all sealed epochs; null before there is one. */
  best: CellAccepted | null = null;
  /** The best cost after each sealed epoch: it never rises. */
  readonly trace: number[] = [];
  /** Costs computed in sealed epochs. */
  evaluations = 0;
  done: JobDone | null = null;
  /** The cell that cannot be computed, if any. */
  quarantined: CellQuarantined | null = null;
  /** How often it was cancelled: 0, 1 or 2. */
  cancelled = 0;
  /** What the finishing cell made. */
  private finished: CellAccepted | null = null;
  /** By island, then epoch: an island's cells are accepted in order. */
  private readonly accepted: CellAccepted[][];
  /** By island: the task of its next cell, once it was asked for. Spares a hash; is no state. */
  readonly #next: (CellTask | undefined)[];
  /** By place: who has agreed; null: nobody was there. */
  private readonly audited = new Map<string, string | null>();
  /** By place: what is yet to be agreed with, where that is all. */
  private readonly unaudited = new Map<string, CellAccepted>();
  private readonly makers = new Map<BlobId, CellPlace>();

  /**
   * The job that a log tells of.
   * @throws Error for events that no job writes, in an order that no job writes them in
   */
  constructor([submitted, ...events]: readonly JobEvent[]) {
    if (submitted?.type !== 'JobSubmitted') throw new Error('a log begins with JobSubmitted');
    const { type: _, audit = 'none', ...spec } = submitted;
    checkSpec(spec);
    this.spec = spec;
    this.audit = audit;
    this.accepted = spec.inNeighbours.map(() => []);
    this.#next = spec.inNeighbours.map(() => undefined);
    for (const event of events) this.apply(event);
  }

  /** Takes in the next event of the log. */
  apply(event: JobEvent): void {
    if (event.type === 'CellAccepted') this.accept(event);
    else if (event.type === 'CellAudited') this.confirm(event);
    else if (event.type === 'JobCancelled') this.cancel();
    else if (event.type === 'CellQuarantined') this.quarantined = event;
    else this.decide(event);
    this.version++;
  }

  /** Cells that are accepted, of all epochs. */
  get acceptedCount(): number {
    return this.accepted.reduce((sum, cells) => sum + cells.length, this.finished ? 1 : 0);
  }

  /** What the job has come to: none before it is done, nor where two workers differ about it. */
  get result(): CellAccepted | null {
    return this.done === null || this.done.reason === 'failed' ? null : this.finished;
  }

  /** Cells of the whole job, should it not end early. */
  get cellCount(): number {
    return this.accepted.length * this.spec.epochs + (this.spec.finish ? 1 : 0);
  }

  /** Whether no more cells of islands are needed. */
  get isSearched(): boolean {
    return this.cancelled > 0 || this.isReached || this.trace.length === this.spec.epochs;
  }

  get auditState(): AuditState {
    if (this.audit === 'none') return 'none';
    const isMissing = this.cancelled > 0 || [...this.audited.values()].includes(null);
    if (isMissing || this.done?.reason === 'failed') return 'missing';
    return this.done === null ? 'pending' : 'agreed';
  }

  /** Accepted cells that another worker has to agree with before the job is done. */
  auditsDue(): CellAccepted[] {
    if (this.done !== null || this.quarantined !== null || this.cancelled > 0) return [];
    if (this.audit === 'all') return [...this.unaudited.values()];
    if (this.audit === 'none' || !this.isSearched) return [];
    const ofPlan = [this.best, this.finished].flatMap((cell) => cell ?? []);
    return ofPlan.filter((cell) => !this.audited.has(nameOf(cell)));
  }

  /** The result that a second one of this cell is to be compared with, if any. */
  auditDueOf({ island, epoch }: CellPlace): CellAccepted | undefined {
    return this.auditsDue().find((cell) => cell.island === island && cell.epoch === epoch);
  }

  /** The result of a cell, once it is accepted. */
  resultOf(place: CellPlace): CellAccepted | undefined {
    if (this.isFinishing(place)) return this.finished ?? undefined;
    return this.accepted[place.island]?.[place.epoch];
  }

  /** Those of the last sealed epoch, once the search has ended: one of each island. */
  get lastCells(): CellAccepted[] {
    if (!this.isSearched) return [];
    return this.accepted.flatMap((cells) => cells[this.trace.length - 1] ?? []);
  }

  /** Whether a place is that of the cell that makes the result. */
  isFinishing({ island, epoch }: CellPlace): boolean {
    return this.spec.finish && island === 0 && epoch === this.spec.epochs;
  }

  /** The cell whose state or emigrants a blob holds. */
  makerOf(blob: BlobId): CellPlace | undefined {
    return this.makers.get(blob);
  }

  /** Cells that can be computed now, those farthest behind first; none once the job is done. */
  runnable(): CellTask[] {
    if (this.done !== null || this.quarantined !== null) return [];
    if (this.isSearched) {
      const finish = this.finished === null && this.taskOf({ island: 0, epoch: this.spec.epochs });
      return finish ? [finish] : [];
    }
    return this.accepted
      .flatMap((cells, island) => this.taskOf({ island, epoch: cells.length }) ?? [])
      .sort((a, b) => a.epoch - b.epoch || a.island - b.island);
  }

  /** What a cell is computed from; undefined while some of that is not there, or for no cell. */
  taskOf(place: CellPlace): CellTask | undefined {
    const { island, epoch } = place;
    const { epochs, inNeighbours } = this.spec;
    if (this.isFinishing(place)) return this.finishingTask(place);
    if (!(inNeighbours[island] && epoch >= 0 && epoch < epochs)) return undefined;
    if (epoch !== this.accepted[island].length) return this.islandTask(place);
    this.#next[island] ??= this.islandTask(place);
    return this.#next[island];
  }

  private islandTask({ island, epoch }: CellPlace): CellTask | undefined {
    const { lag, inNeighbours } = this.spec;
    const before = epoch === 0 ? null : this.resultOf({ island, epoch: epoch - 1 });
    const senders = epoch < lag ? [] : inNeighbours[island];
    const sent = senders.map((other) => this.resultOf({ island: other, epoch: epoch - lag }));
    if (before === undefined || sent.includes(undefined)) return undefined;
    const immigrants = sent.flatMap((cell) => cell ?? []);
    return cellTask(this.spec, {
      ...{ island, epoch, state: before?.state ?? null },
      immigrants: immigrants.map((cell) => ({ island: cell.island, emigrants: cell.emigrants })),
    });
  }

  /**
   * Whether a result is news; false where its cell is accepted already, with the same result.
   * @throws ResultMismatch where it is accepted with another
   * @throws Error for a result of other inputs, of another kernel version, or of no cell of the job
   */
  isNew(result: CellAccepted): boolean {
    const { island, epoch, input, kernelVersion, value } = result;
    const place = `island ${island}, epoch ${epoch}`;
    const task = this.taskOf(result);
    if (task === undefined) throw new Error(`${place}: no cell that can be computed now`);
    if (kernelVersion !== this.spec.kernelVersion) {
      const wanted = `the job has version ${this.spec.kernelVersion}`;
      throw new Error(`${place}: computed by kernel version ${kernelVersion}; ${wanted}`);
    }
    if (input !== task.input) throw new Error(`${place}: computed from other inputs`);
    if (!Number.isFinite(value)) throw new Error(`${place}: value ${value}`);
    const known = this.resultOf(result);
    if (known === undefined) return true;
    // A finishing cell that was cut short ends where it was told to: anywhere.
    if (this.cancelled > 0 && this.isFinishing(result)) return false;
    for (const key of ['state', 'emigrants', 'value', 'evaluations'] as const) {
      if (known[key] !== result[key]) throw new ResultMismatch(known, result, key);
    }
    return false;
  }

  /** The decision that follows from what is accepted and has yet to be written down, if any. */
  due(): EpochSealed | JobDone | null {
    if (this.done !== null) return null;
    const sealed = this.trace.length;
    const end = this.endReason();
    if (end !== null) return { type: 'JobDone', reason: end, epoch: sealed - 1 };
    if (this.isSearched) return null;
    const cells = this.accepted.flatMap((ofIsland) => ofIsland[sealed] ?? []);
    if (cells.length < this.accepted.length) return null;
    const best = this.bestOf(cells);
    const { island, epoch, value } = best;
    return { type: 'EpochSealed', epoch: sealed, best: { island, epoch }, value };
  }

  /** Why the job is over now; null where it is not. */
  private endReason(): JobDone['reason'] | null {
    if (this.quarantined !== null) return 'failed';
    if (!this.isSearched) return null;
    const hasNothing = this.spec.epochs > 0 && this.best === null;
    if (this.cancelled > 1 || (this.cancelled > 0 && hasNothing)) return 'cancelled';
    if (this.spec.finish && this.finished === null) return null;
    if (this.cancelled > 0) return 'cancelled';
    if (this.auditsDue().length > 0) return null;
    return this.isReached ? 'target-reached' : 'epochs-done';
  }

  private get isReached(): boolean {
    return this.best !== null && this.best.value <= (this.spec.targetValue ?? -Infinity);
  }

  private finishingTask({ island, epoch }: CellPlace): CellTask | undefined {
    const state = this.best?.state ?? null;
    if (!this.isSearched || (state === null && epoch > 0)) return undefined;
    return cellTask(this.spec, { island, epoch, state, immigrants: [] });
  }

  /** The best so far or of these cells, whichever is better. */
  private bestOf(cells: readonly CellAccepted[]): CellAccepted {
    return cells.reduce(
      (best, cell) => (cell.value < best.value ? cell : best),
      this.best ?? cells[0],
    );
  }

  private accept(event: CellAccepted): void {
    if (!this.isNew(event)) throw new Error('a cell is accepted once');
    if (this.isFinishing(event)) this.finished = event;
    else {
      this.accepted[event.island].push(event);
      this.#next[event.island] = undefined;
    }
    if (this.audit === 'all') this.unaudited.set(nameOf(event), event);
    for (const blob of [event.state, event.emigrants]) {
      if (!this.makers.has(blob)) this.makers.set(blob, event);
    }
  }

  private confirm(event: CellAudited): void {
    const cell = this.auditDueOf(event);
    if (cell === undefined || event.worker === cell.worker) {
      throw new Error('an audit is of a result that needs it, by another worker');
    }
    this.audited.set(nameOf(event), event.worker);
    this.unaudited.delete(nameOf(event));
  }

  private cancel(): void {
    if (this.done !== null || this.cancelled > 1) throw new Error('nothing left to cancel');
    this.cancelled++;
  }

  private decide(event: JobEvent): void {
    const due = this.due();
    if (JSON.stringify(event) !== JSON.stringify(due)) {
      throw new Error(
        `event ${this.version + 1}, ${event.type}, does not follow from those before`,
      );
    }
    if (due?.type === 'JobDone') this.done = due;
    if (due?.type !== 'EpochSealed') return;
    this.best = this.resultOf(due.best) ?? null;
    this.trace.push(due.value);
    for (const cells of this.accepted) this.evaluations += cells[due.epoch].evaluations;
  }
}

function nameOf({ island, epoch }: CellPlace): string {
  return `${island} ${epoch}`;
}

function checkSpec({ seed, epochs, lag, inNeighbours, targetValue, finish }: JobSpec): void {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  const islands = inNeighbours.length;
  const areRoutes = inNeighbours.every((neighbours) =>
    neighbours.every((n, i) => Number.isInteger(n) && n < islands && n > (neighbours[i - 1] ?? -1)),
  );
  const isFinishOnly = finish && epochs === 0 && islands === 0;
  const bad = [
    ...(Number.isSafeInteger(seed) && seed >= 0 ? [] : [`seed ${seed}`]),
    ...(isCount(epochs) || isFinishOnly ? [] : [`epochs ${epochs}`]),
    ...(isCount(lag) ? [] : [`lag ${lag}`]),
    ...((islands >= 1 && areRoutes) || isFinishOnly ? [] : ['inNeighbours']),
    ...(targetValue === null || Number.isFinite(targetValue) ? [] : [`targetValue ${targetValue}`]),
  ];
  if (bad.length > 0) throw new Error(`no such job: ${bad.join(', ')}`);
}
