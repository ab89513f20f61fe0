/**
 * Who computes which cell now. Pure: what happened and when goes in, leases come out. Leases are
 * for efficiency only: a cell's result is accepted whoever sends it, once. So this table need not
 * be kept, and a coordinator that takes over begins with an empty one.
 */
import type { CellTask, JobId } from '../jobs/index.js';

/** A cell that may be computed now. */
export interface OfferedCell {
  readonly job: JobId;
  readonly kernelVersion: string;
  readonly task: CellTask;
  /** Who may not compute it: it is to be compared with what that worker made of it. */
  readonly except?: string | undefined;
}

export interface Lease {
  /** Rises from lease to lease. */
  readonly token: number;
  readonly worker: string;
  readonly cell: OfferedCell;
  readonly sinceMs: number;
}

export interface LeaseSettings {
  /** Who is not heard of for longer has lost its leases. */
  readonly silentMs: number;
  /** A cell is quarantined when so many workers have failed at it, */
  readonly maxFailures: number;
  /** or so many were lost with it: any worker may be lost for reasons of its own. */
  readonly maxLosses: number;
  /**
   * A cell that so many were lost with is computed alone from then on, so that it is known which of
   * several cells takes its worker with it. Only losses alone count beyond this number.
   */
  readonly soloLosses: number;
  /** A second worker gets a cell that takes this many times the median of its job's cells, */
  readonly slowFactor: number;
  /** and at least so long. */
  readonly slowMs: number;
  /** A worker that takes longer for a cell has failed at it. */
  readonly mostMs: number;
}

export const LEASES: LeaseSettings = {
  ...{ silentMs: 10_000, maxFailures: 3, maxLosses: 5, soloLosses: 2 },
  ...{ slowFactor: 2, slowMs: 1_000, mostMs: 6 * 3_600_000 },
};

/** Cells of a job whose times the median is of. */
const TIMES_KEPT = 31;
const FEWEST_TIMES = 3;

/** How a worker has failed at a cell. */
export type FailureKind = 'mended' | 'lost' | 'failed';

interface WorkerEntry {
  readonly name: string;
  readonly kernelVersion: string;
  readonly slots: number;
  readonly leases: Map<string, Lease>;
  seenMs: number;
  isDraining: boolean;
}

interface CellRecord {
  readonly holders: Set<string>;
  readonly failedOn: Set<string>;
  failures: number;
  losses: number;
}

/** Names a cell among those of all jobs. */
export function cellKey(job: JobId, input: string): string {
  return `${job} ${input}`;
}

const keyOf = ({ job, task }: OfferedCell) => cellKey(job, task.input);

export class LeaseTable {
  private readonly workers = new Map<string, WorkerEntry>();
  private readonly cells = new Map<string, CellRecord>();
  private readonly times = new Map<JobId, number[]>();
  /** Who computed an island last: it still has its state and what that needs. */
  private readonly homes = new Map<string, string>();
  private lastToken = 0;

  constructor(private readonly settings: LeaseSettings = LEASES) {}

  /** A worker arrives; what one of the same name had is free again. */
  join(name: string, kernelVersion: string, slots: number, nowMs: number): void {
    for (const lease of this.workers.get(name)?.leases.values() ?? []) this.release(lease);
    const leases = new Map<string, Lease>();
    const entry = { name, kernelVersion, slots, leases, seenMs: nowMs, isDraining: false };
    this.workers.set(name, entry);
  }

  /** A worker says that it computes a cell, which a lease of another coordinator made it do. */
  adopt(name: string, cell: OfferedCell, nowMs: number): Lease | null {
    const worker = this.workers.get(name);
    if (worker === undefined) return null;
    // Only its way here was lost.
    const record = this.record(keyOf(cell));
    record.losses = Math.max(0, record.losses - 1);
    return this.grant(worker, cell, nowMs);
  }

  seen(name: string, nowMs: number): void {
    const worker = this.workers.get(name);
    if (worker !== undefined) worker.seenMs = nowMs;
  }

  /** Workers that are not heard of any more. */
  silent(nowMs: number): string[] {
    return [...this.workers.values()]
      .filter(({ seenMs }) => nowMs - seenMs > this.settings.silentMs)
      .map(({ name }) => name);
  }

  /** Leases that are out for too long. */
  overdue(nowMs: number): Lease[] {
    const isOverdue = ({ sinceMs }: Lease) => nowMs - sinceMs > this.settings.mostMs;
    return [...this.workers.values()].flatMap(({ leases }) =>
      [...leases.values()].filter(isOverdue),
    );
  }

  /** The worker gets no more cells. */
  drain(name: string): void {
    const worker = this.workers.get(name);
    if (worker !== undefined) worker.isDraining = true;
  }

  /**
   * The worker is gone. Gives the cells that must be quarantined, as too many were lost with them;
   * one that leaves while draining is not held against its cells.
   */
  leave(name: string): Lease[] {
    const worker = this.workers.get(name);
    if (worker === undefined) return [];
    this.workers.delete(name);
    const lost = [...worker.leases.values()];
    const most = lost.length > 1 ? this.settings.soloLosses : Infinity;
    for (const lease of lost) {
      const record = this.release(lease);
      if (!worker.isDraining && record.losses < most) record.losses++;
    }
    return lost.filter(({ cell }) => this.isHopeless(keyOf(cell)));
  }

  /** Whether too many workers were lost with a cell, and none works on it. */
  isHopeless(key: string): boolean {
    const cell = this.cells.get(key);
    return cell?.holders.size === 0 && cell.losses >= this.settings.maxLosses;
  }

  /**
   * Gives what can be computed to whoever is free: first what must be alone, then the other `cells`
   * in this order, then second copies.
   */
  assign(cells: readonly OfferedCell[], nowMs: number): Lease[] {
    const leases: Lease[] = [];
    const free = new Set([...this.workers.values()].filter((worker) => this.isFree(worker)));
    if (free.size === 0) return leases;
    const grant = (worker: WorkerEntry, cell: OfferedCell) => {
      leases.push(this.grant(worker, cell, nowMs));
      if (!this.isFree(worker)) free.delete(worker);
    };
    const unheld = cells
      .map((cell) => ({ cell, known: this.cells.get(keyOf(cell)) }))
      .filter(({ known }) => known === undefined || known.holders.size === 0)
      .map(({ cell, known }) => ({ cell, isSolo: this.isSuspect(known) }));
    // A worker that must become free for a cell that must be alone.
    let kept: WorkerEntry | undefined;
    const solo = unheld.filter(({ isSolo }) => isSolo);
    for (const { cell, isSolo } of [...solo, ...unheld.filter((each) => !each.isSolo)]) {
      if (free.size === 0) break;
      const worker = this.choose(cell, free, kept);
      if (worker !== undefined) grant(worker, cell);
      else if (isSolo) kept ??= this.emptiest(cell);
    }
    if (free.size === 0) return leases;
    for (const slow of this.slow(nowMs)) {
      const worker = this.choose(slow.cell, free, kept);
      if (worker !== undefined) grant(worker, slow.cell);
    }
    return leases;
  }

  /** A cell needs no more work; gives the leases that were out on it. */
  settle(job: JobId, input: string, byWorker: string | null, nowMs: number): Lease[] {
    const key = cellKey(job, input);
    const leases = this.leasesOf(key);
    for (const lease of leases) {
      this.release(lease);
      if (lease.worker !== byWorker) continue;
      const times = this.times.get(job) ?? [];
      times.push(nowMs - lease.sinceMs);
      this.times.set(job, times.slice(-TIMES_KEPT));
    }
    this.cells.delete(key);
    return leases;
  }

  /**
   * A worker could not compute a cell. Whether too many could not.
   * @param kind mended: what it missed is computed again, so that next time will do; lost: it died,
   * perhaps of another cell
   */
  fail(name: string, job: JobId, input: string, kind: FailureKind = 'failed'): boolean {
    const key = cellKey(job, input);
    const lease = this.workers.get(name)?.leases.get(key);
    if (lease === undefined) return false;
    const record = this.release(lease);
    if (kind === 'lost') {
      record.losses++;
      return this.isHopeless(key);
    }
    record.failedOn.add(name);
    if (kind === 'failed') record.failures++;
    return this.hasFailedEverywhere(lease.cell, record);
  }

  /** Whether so many workers have failed at a cell, or all there are, often enough. */
  private hasFailedEverywhere(cell: OfferedCell, { failures, failedOn }: CellRecord): boolean {
    const { maxFailures } = this.settings;
    if (failures < maxFailures) return false;
    const isBarred = ({ name }: WorkerEntry) => failedOn.has(name) || name === cell.except;
    return failedOn.size >= maxFailures || this.able(cell).every(isBarred);
  }

  /** Whether there is any worker that may compute a cell. */
  hasWorkerFor(cell: OfferedCell): boolean {
    return this.able(cell).some(({ name }) => name !== cell.except);
  }

  leasesOf(key: string): Lease[] {
    const holders = this.cells.get(key)?.holders ?? [];
    return [...holders].flatMap((name) => this.workers.get(name)?.leases.get(key) ?? []);
  }

  /** Leases of a job that are out. */
  ofJob(job: JobId): Lease[] {
    return [...this.workers.values()].flatMap(({ leases }) =>
      [...leases.values()].filter((lease) => lease.cell.job === job),
    );
  }

  /** How many leases of each job are out; none of those that are not named. */
  countByJob(): Map<JobId, number> {
    const counts = new Map<JobId, number>();
    for (const { leases } of this.workers.values()) {
      for (const { cell } of leases.values()) counts.set(cell.job, (counts.get(cell.job) ?? 0) + 1);
    }
    return counts;
  }

  /** Nothing of a job is needed any more; gives the leases that were out. */
  forget(job: JobId): Lease[] {
    const leases = this.ofJob(job);
    for (const lease of leases) this.release(lease);
    this.times.delete(job);
    for (const map of [this.cells, this.homes]) {
      for (const key of map.keys()) if (key.startsWith(`${job} `)) map.delete(key);
    }
    return leases;
  }

  /** How many workers there are, and how many cells they could compute at a time. */
  get capacity(): { workers: number; slots: number; leased: number } {
    const all = [...this.workers.values()];
    return {
      workers: all.length,
      slots: all.reduce((sum, { slots }) => sum + slots, 0),
      leased: all.reduce((sum, { leases }) => sum + leases.size, 0),
    };
  }

  private grant(worker: WorkerEntry, cell: OfferedCell, nowMs: number): Lease {
    const key = keyOf(cell);
    const lease = { token: ++this.lastToken, worker: worker.name, cell, sinceMs: nowMs };
    worker.leases.set(key, lease);
    this.record(key).holders.add(worker.name);
    // Who audits does not go on with the island.
    if (cell.except === undefined) this.homes.set(homeOf(cell), worker.name);
    return lease;
  }

  private release({ worker, cell }: Lease): CellRecord {
    const key = keyOf(cell);
    this.workers.get(worker)?.leases.delete(key);
    const record = this.record(key);
    record.holders.delete(worker);
    return record;
  }

  private record(key: string): CellRecord {
    const known = this.cells.get(key);
    if (known !== undefined) return known;
    const record = { holders: new Set<string>(), failedOn: new Set<string>() };
    const fresh: CellRecord = { ...record, failures: 0, losses: 0 };
    this.cells.set(key, fresh);
    return fresh;
  }

  private isSolo(key: string): boolean {
    return this.isSuspect(this.cells.get(key));
  }

  private isSuspect(record: CellRecord | undefined): boolean {
    return (record?.losses ?? 0) >= this.settings.soloLosses;
  }

  /** Of the free workers: none that failed at the cell, its island's home, the least busy. */
  private choose(
    cell: OfferedCell,
    free: Iterable<WorkerEntry>,
    kept: WorkerEntry | undefined,
  ): WorkerEntry | undefined {
    const { failedOn, holders } = this.record(keyOf(cell));
    const isBarred = ({ name }: WorkerEntry) => failedOn.has(name) || name === cell.except;
    const hasFresh = failedOn.size > 0 && this.able(cell).some((worker) => !isBarred(worker));
    const home = this.homes.get(homeOf(cell));
    const badness = (worker: WorkerEntry) =>
      (worker.name === home ? 0 : 1) + worker.leases.size / worker.slots;
    let best: WorkerEntry | undefined;
    let least = Infinity;
    for (const worker of free) {
      if (worker === kept || worker.kernelVersion !== cell.kernelVersion) continue;
      if (worker.name === cell.except || holders.has(worker.name)) continue;
      if (hasFresh && isBarred(worker)) continue;
      const bad = badness(worker);
      if (bad > least || (bad === least && best !== undefined && best.name < worker.name)) continue;
      if (!this.hasRoom(worker, cell)) continue;
      best = worker;
      least = bad;
    }
    return best;
  }

  /** Whether a worker is there that computes with a version. */
  hasVersion(kernelVersion: string): boolean {
    return [...this.workers.values()].some((worker) => worker.kernelVersion === kernelVersion);
  }

  /** Who is free soonest, by all that is known. */
  private emptiest(cell: OfferedCell): WorkerEntry | undefined {
    return this.able(cell).sort(
      (a, b) => a.leases.size - b.leases.size || (a.name < b.name ? -1 : 1),
    )[0];
  }

  private able({ kernelVersion }: OfferedCell): WorkerEntry[] {
    return [...this.workers.values()].filter(
      (worker) => worker.kernelVersion === kernelVersion && !worker.isDraining,
    );
  }

  /** Whether a worker may get some more cells. */
  private isFree({ leases, slots, isDraining }: WorkerEntry): boolean {
    if (isDraining || leases.size === 0) return !isDraining;
    return leases.size < slots && ![...leases.keys()].some((key) => this.isSolo(key));
  }

  /** Whether a worker may get this cell. */
  private hasRoom(worker: WorkerEntry, cell: OfferedCell): boolean {
    if (worker.leases.size === 0) return true;
    return this.isFree(worker) && !this.isSolo(keyOf(cell));
  }

  /** Leases that are out alone for much longer than their job's cells take, longest first. */
  private slow(nowMs: number): Lease[] {
    const { slowFactor, slowMs } = this.settings;
    const limits = new Map<JobId, number>();
    for (const [job, times] of this.times) {
      if (times.length < FEWEST_TIMES) continue;
      limits.set(job, Math.max(slowMs, slowFactor * median(times)));
    }
    return [...this.workers.values()]
      .flatMap(({ leases }) => [...leases.values()])
      .filter((lease) => {
        const isSlow = nowMs - lease.sinceMs > (limits.get(lease.cell.job) ?? Infinity);
        return isSlow && this.record(keyOf(lease.cell)).holders.size === 1;
      })
      .sort((a, b) => a.sinceMs - b.sinceMs || a.token - b.token);
  }
}

function homeOf({ job, task }: OfferedCell): string {
  return `${job} ${task.island}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
