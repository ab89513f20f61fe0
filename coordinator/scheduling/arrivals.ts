/**
 * Results on their way into the log: first their blobs are kept, all at once, then they are written
 * down in turn.
 */
import {
  type BookedJob,
  type CellAccepted,
  type CellAudited,
  type JobId,
  type JobMoved,
  ResultMismatch,
} from '../jobs/index.js';
import { isStoreProblem, PAUSING } from '../store/index.js';
import { cellKey } from './lease.js';
import type { Ledger } from './ledger.js';
import type { CellFailure, CellName, CellReport } from './orders.js';
import { Refusal } from './refusal.js';

/** A cell's result, from a worker. */
export interface Arrival {
  readonly worker: string;
  readonly report: CellReport;
  /** What is to be kept before the result counts. */
  readonly blobs: readonly Uint8Array[];
}

/** What follows from a result. */
export interface ArrivalHandlers {
  /** The result is in the log, or of no use. */
  readonly settle: (cell: CellName, worker: string, type: 'settled' | 'revoke') => void;
  /** Writes down what follows from a job's events. */
  readonly decide: (booked: BookedJob) => Promise<void>;
  /** The result is none of the job's; whether too many were. */
  readonly fail: (cell: CellName, worker: string) => boolean;
  readonly revoke: (cell: CellName, worker: string) => void;
  readonly quarantine: (id: JobId, cell: CellName, cause: CellFailure['cause']) => Promise<void>;
  /** Something has changed: there may be other cells to compute. */
  readonly assign: () => void;
}

type Fresh = Arrival & { readonly event: JobMoved };

export class Arrivals {
  /** Those whose blobs are kept. */
  private arrived: Arrival[] = [];
  /** Those that the store could not take, by worker and cell. */
  private readonly waiting = new Map<string, Arrival>();

  constructor(
    private readonly ledger: Ledger,
    private readonly handlers: ArrivalHandlers,
  ) {}

  /** Resolves once the result counts, is of no use, or waits for the store. */
  async take(arrival: Arrival): Promise<void> {
    const kept = await this.withBlobsKept(arrival);
    if (kept === null) return;
    this.arrived.push(kept);
    await this.ledger.inTurn(async () => {
      if (this.ledger.paused === null) await this.acceptAll();
      // Behind what waits already: that may be in the store, and only its answer was lost.
      else for (const each of this.arrived.splice(0)) this.wait(each);
    });
  }

  /** The store takes something again: what waited is accepted, in its order. */
  async retry(): Promise<void> {
    const kept: Arrival[] = [];
    for (const [key, arrival] of this.waiting) {
      const again = await this.withBlobsKept(arrival);
      if (again === null) break;
      kept.push(again);
      this.waiting.delete(key);
    }
    this.arrived.unshift(...kept);
    await this.acceptAll();
  }

  /** Null where the store cannot take the blobs: the result waits for that. */
  private async withBlobsKept(arrival: Arrival): Promise<Arrival | null> {
    const { report, blobs } = arrival;
    try {
      const ids = await Promise.all(blobs.map((bytes) => this.ledger.store.putBlob(bytes)));
      if (ids.every((id) => id === report.state || id === report.emigrants)) {
        return { ...arrival, blobs: [] };
      }
    } catch (error) {
      if (!this.ledger.pauses(error)) throw error;
      this.wait(arrival);
      return null;
    }
    throw new Refusal('incomplete', "a blob's bytes are not what its name says");
  }

  private wait(arrival: Arrival): void {
    const { job, input } = arrival.report.cell;
    this.waiting.set(`${arrival.worker} ${cellKey(job, input)}`, arrival);
  }

  private async acceptAll(): Promise<void> {
    if (this.arrived.length === 0) return;
    while (this.arrived.length > 0) {
      const fresh = new Map<string, Fresh>();
      const again: Arrival[] = [];
      for (const arrival of this.arrived.splice(0)) {
        const { job, island, epoch } = arrival.report.cell;
        const place = `${job} ${island} ${epoch}`;
        const event = fresh.has(place) ? null : await this.eventOf(arrival);
        if (event !== null) fresh.set(place, { ...arrival, event });
        // Whether it is the same result is known once the first one counts.
        else if (fresh.has(place)) again.push(arrival);
      }
      await this.accept(this.ofOpenJobs([...fresh.values()]));
      this.arrived.unshift(...again);
    }
    this.handlers.assign();
  }

  /** Without those whose job was ended by what came beside them. */
  private ofOpenJobs(fresh: readonly Fresh[]): readonly Fresh[] {
    const isOpen = ({ report }: Fresh) => this.ledger.book.find(report.cell.job)?.job.done === null;
    for (const arrival of fresh) {
      if (!isOpen(arrival)) this.handlers.settle(arrival.report.cell, arrival.worker, 'revoke');
    }
    return fresh.filter(isOpen);
  }

  /** The event that a result is; null where it is no news, which the worker is told. */
  private async eventOf(arrival: Arrival): Promise<JobMoved | null> {
    const { worker, report } = arrival;
    const { cell, ...values } = report;
    const { job: id, island, epoch, input } = cell;
    const booked = this.ledger.book.find(id);
    if (booked === undefined || booked.job.done !== null) {
      this.handlers.settle(cell, worker, 'revoke');
      return null;
    }
    const event: CellAccepted = { type: 'CellAccepted', island, epoch, input, ...values, worker };
    try {
      if (booked.job.isNew(event)) return { type: 'JobMoved', job: id, event };
      const audited = booked.job.auditDueOf(cell);
      if (audited !== undefined && audited.worker !== worker) {
        const agreed: CellAudited = { type: 'CellAudited', island, epoch, worker };
        return { type: 'JobMoved', job: id, event: agreed };
      }
      this.handlers.settle(cell, worker, 'settled');
    } catch (error) {
      await this.refuse(arrival, error).catch((problem: unknown) =>
        this.postpone(arrival, problem),
      );
    }
    return null;
  }

  private async refuse({ worker, report: { cell } }: Arrival, error: unknown): Promise<void> {
    const { quarantine, fail, revoke } = this.handlers;
    if (error instanceof ResultMismatch) await quarantine(cell.job, cell, 'results-differ');
    else if (fail(cell, worker)) await quarantine(cell.job, cell, 'crashed');
    revoke(cell, worker);
  }

  /** Writes results down, and what follows from them. */
  private async accept(fresh: readonly Fresh[]): Promise<void> {
    const { ledger, handlers } = this;
    const { book } = ledger;
    await ledger.append(fresh.map(({ event }) => event)).catch(throwUnlessPausing);
    const moved = new Set<BookedJob>();
    for (const arrival of fresh) {
      const { worker, report } = arrival;
      const booked = book.find(report.cell.job);
      if (booked?.job.resultOf(report.cell) === undefined) this.wait(arrival);
      else {
        handlers.settle(report.cell, worker, 'settled');
        moved.add(booked);
      }
    }
    // What is due and cannot be written down now is when there is room.
    for (const booked of moved) await handlers.decide(booked).catch(throwUnlessPausing);
  }

  private postpone(arrival: Arrival, error: unknown): void {
    throwUnlessPausing(error);
    this.wait(arrival);
  }
}

function throwUnlessPausing(error: unknown): void {
  if (!isStoreProblem(error, ...PAUSING)) throw error;
}
