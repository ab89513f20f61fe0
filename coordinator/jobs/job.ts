/**
 * A job as a state machine: events in, what can be done now out. It knows no clock, disk or
 * network, and nothing of what cells compute; the same events always lead to the same state.
 */
import type { BlobId } from '../store/index.js';
import { type CellTask, cellTask } from './cell-task.js';
import type {
  CellAccepted,
  CellPlace,
  EpochSealed,
  JobDone,
  JobEvent,
  JobSpec,
} from './job-event.js';
import { ResultMismatch } from './result-mismatch.js';

export class Job {
  readonly spec: JobSpec;
  /** Number of events applied: the version of the log that this is the state of. */
  version = 1;
  /** The best cell of all sealed epochs; null before there is one. */
  best: CellAccepted | null = null;
  /** The best cost after each sealed epoch: it never rises. */
  readonly trace: number[] = [];
  /** Costs computed in sealed epochs. */
  evaluations = 0;
  done: JobDone | null = null;
  /** By island, then epoch: an island's cells are accepted in order. */
  private readonly accepted: CellAccepted[][];
  private readonly makers = new Map<BlobId, CellPlace>();

  /**
   * The job that a log tells of.
   * @throws Error for events that no job writes, in an order that no job writes them in
   */
  constructor([submitted, ...events]: readonly JobEvent[]) {
    if (submitted?.type !== 'JobSubmitted') throw new Error('a log begins with JobSubmitted');
    const { type: _, ...spec } = submitted;
    checkSpec(spec);
    this.spec = spec;
    this.accepted = spec.inNeighbours.map(() => []);
    for (const event of events) this.apply(event);
  }

  /** Takes in the next event of the log. */
  apply(event: JobEvent): void {
    if (event.type === 'CellAccepted') this.accept(event);
    else this.decide(event);
    this.version++;
  }

  /** Cells that are accepted, of all epochs. */
  get acceptedCount(): number {
    return this.accepted.reduce((sum, cells) => sum + cells.length, 0);
  }

  /** The result of a cell, once it is accepted. */
  resultOf({ island, epoch }: CellPlace): CellAccepted | undefined {
    return this.accepted[island]?.[epoch];
  }

  /** The cell whose state or emigrants a blob holds. */
  makerOf(blob: BlobId): CellPlace | undefined {
    return this.makers.get(blob);
  }

  /** Cells that can be computed now, those farthest behind first; none once the job is done. */
  runnable(): CellTask[] {
    if (this.done !== null) return [];
    return this.accepted
      .flatMap((cells, island) => this.taskOf({ island, epoch: cells.length }) ?? [])
      .sort((a, b) => a.epoch - b.epoch || a.island - b.island);
  }

  /** What a cell is computed from; undefined while some of that is not there, or for no cell. */
  taskOf({ island, epoch }: CellPlace): CellTask | undefined {
    const { epochs, lag, inNeighbours } = this.spec;
    if (!(inNeighbours[island] && epoch >= 0 && epoch < epochs)) return undefined;
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
    for (const key of ['state', 'emigrants', 'value', 'evaluations'] as const) {
      if (known[key] !== result[key]) throw new ResultMismatch(known, result, key);
    }
    return false;
  }

  /** The decision that follows from what is accepted and has yet to be written down, if any. */
  due(): EpochSealed | JobDone | null {
    if (this.done !== null) return null;
    const sealed = this.trace.length;
    if (this.best !== null && this.best.value <= (this.spec.targetValue ?? -Infinity)) {
      return { type: 'JobDone', reason: 'target-reached', epoch: sealed - 1 };
    }
    if (sealed === this.spec.epochs) {
      return { type: 'JobDone', reason: 'epochs-done', epoch: sealed - 1 };
    }
    const cells = this.accepted.flatMap((ofIsland) => ofIsland[sealed] ?? []);
    if (cells.length < this.accepted.length) return null;
    const best = this.bestOf(cells);
    const { island, epoch, value } = best;
    return { type: 'EpochSealed', epoch: sealed, best: { island, epoch }, value };
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
    this.accepted[event.island].push(event);
    for (const blob of [event.state, event.emigrants]) {
      if (!this.makers.has(blob)) this.makers.set(blob, event);
    }
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

function checkSpec({ seed, epochs, lag, inNeighbours, targetValue }: JobSpec): void {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  const islands = inNeighbours.length;
  const areRoutes = inNeighbours.every((neighbours) =>
    neighbours.every((n, i) => Number.isInteger(n) && n < islands && n > (neighbours[i - 1] ?? -1)),
  );
  const bad = [
    ...(Number.isSafeInteger(seed) && seed >= 0 ? [] : [`seed ${seed}`]),
    ...(isCount(epochs) ? [] : [`epochs ${epochs}`]),
    ...(isCount(lag) ? [] : [`lag ${lag}`]),
    ...(islands >= 1 && areRoutes ? [] : ['inNeighbours']),
    ...(targetValue === null || Number.isFinite(targetValue) ? [] : [`targetValue ${targetValue}`]),
  ];
  if (bad.length > 0) throw new Error(`no such job: ${bad.join(', ')}`);
}
