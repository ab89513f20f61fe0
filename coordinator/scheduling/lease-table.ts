/**
 * Who computes which cell now. Pure: what happened and when goes in, leases come out. Leases are
 * for efficiency only: a cell's result is accepted whoever sends it, once. So this table need not
 * be kept, and a coordinator that takes over begins with an empty one.
 */
import type { JobId } from '../jobs/index.js';
import { CellTimes } from './cell-times.js';
import { Homes } from './homes.js';
import {
  cellKey,
  keyOf,
  LEASES,
  type Lease,
  type LeaseSettings,
  type OfferedCell,
  type Offers,
} from './lease.js';

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

interface CellLoss {
  readonly worker: string;
  /** Whether it computed nothing else. */
  readonly isAlone: boolean;
}

interface CellRecord {
  readonly holders: Set<string>;
  readonly failedOn: Set<string>;
  failures: number;
  /** Workers that were lost with it. */
  readonly losses: CellLoss[];
}

export class LeaseTable {
  private readonly workers = new Map<string, WorkerEntry>();
  private readonly cells = new Map<string, CellRecord>();
  private readonly times: CellTimes;
  private readonly homes = new Homes();
  private lastToken = 0;

  constructor(private readonly settings: LeaseSettings = LEASES) {
    this.times = new CellTimes(settings);
  }

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
    const { losses } = this.record(keyOf(cell));
    const own = losses.findLastIndex((loss) => loss.worker === name);
    if (own >= 0) losses.splice(own, 1);
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
    this.times.forgetWorker(name);
    const lost = [...worker.leases.values()];
    for (const lease of lost) {
      const { losses } = this.release(lease);
      if (!worker.isDraining) losses.push({ worker: name, isAlone: lost.length === 1 });
    }
    return lost.filter(({ cell }) => this.isHopeless(keyOf(cell)));
  }

  /** Whether too many workers were lost with a cell, and none works on it. */
  isHopeless(key: string): boolean {
    const cell = this.cells.get(key);
    if (cell?.holders.size !== 0) return false;
    const alone = cell.losses.filter(({ isAlone }) => isAlone).length;
    const beside = Math.min(cell.losses.length - alone, this.settings.soloLosses);
    return alone + beside >= this.settings.maxLosses;
  }

  /**
   * Gives what can be computed to whoever is free: first what must be alone, then the other cells
   * in their order, then second copies.
   */
  assign(offers: Offers, nowMs: number): Lease[] {
    const leases: Lease[] = [];
    const free = new Set([...this.workers.values()].filter((worker) => this.isFree(worker)));
    if (free.size === 0) return leases;
    const grant = (worker: WorkerEntry, cell: OfferedCell) => {
      leases.push(this.grant(worker, cell, nowMs));
      if (!this.isFree(worker)) free.delete(worker);
    };
    const unheld = offers.cells
      .filter((cell) => !this.isHeld(keyOf(cell)))
      .map((cell) => ({ cell, isSolo: this.isSolo(keyOf(cell)) }));
    // A worker that must become free for a cell that must be alone.
    let kept: WorkerEntry | undefined;
    const solo = unheld.filter(({ isSolo }) => isSolo);
    /** Cells that wait for faster workers. */
    let waiting = 0;
    for (const { cell, isSolo } of [...solo, ...unheld.filter((each) => !each.isSolo)]) {
      if (free.size === 0) break;
      const worker = this.choose(cell, free, kept, nowMs);
      const isBetterLater = worker !== undefined && this.hasFaster(worker, cell, waiting, nowMs);
      if (isBetterLater) waiting++;
      else if (worker !== undefined) grant(worker, cell);
      else if (isSolo) kept ??= this.emptiest(cell);
    }
    for (const lease of this.late(nowMs)) {
      if (free.size === 0) break;
      const worker = this.choose(lease.cell, free, kept, nowMs);
      const isOfUse = worker && this.times.isFaster(worker.name, lease.worker, nowMs);
      if (isOfUse && offers.isNeeded(lease)) grant(worker, lease.cell);
    }
    return leases;
  }

  /** Whether a second worker could help with a cell that takes too long. */
  hasLate(nowMs: number): boolean {
    return (
      [...this.workers.values()].some((worker) => this.isFree(worker)) &&
      this.late(nowMs).length > 0
    );
  }

  /** A cell needs no more work; gives the leases that were out on it. */
  settle(job: JobId, input: string, byWorker: string | null, nowMs: number): Lease[] {
    const key = cellKey(job, input);
    const leases = this.leasesOf(key);
    for (const lease of leases) {
      this.release(lease);
      const isFirst = lease.worker === byWorker;
      if (isFirst) this.moveHome(lease.cell, byWorker);
      if (byWorker !== null) this.times.took(lease, isFirst, nowMs);
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
      record.losses.push({ worker: name, isAlone: false });
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
    const hasFailed = ({ name }: WorkerEntry) => failedOn.has(name);
    return failedOn.size >= maxFailures || this.able(cell).every(hasFailed);
  }

  /** Whether there is any worker that may compute a cell. */
  hasWorkerFor(cell: OfferedCell): boolean {
    return this.able(cell).length > 0;
  }

  isHeld(key: string): boolean {
    return (this.cells.get(key)?.holders.size ?? 0) > 0;
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
    this.times.forgetJob(job);
    this.homes.forgetJob(job);
    for (const key of this.cells.keys()) if (key.startsWith(`${job} `)) this.cells.delete(key);
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
    const { holders } = this.record(key);
    // A second copy may come too late.
    if (holders.size === 0) this.moveHome(cell, worker.name);
    holders.add(worker.name);
    return lease;
  }

  private moveHome(cell: OfferedCell, worker: string): void {
    // Who audits does not go on with the island.
    if (cell.except === undefined) this.homes.move(cell, worker);
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
    const fresh: CellRecord = { ...record, failures: 0, losses: [] };
    this.cells.set(key, fresh);
    return fresh;
  }

  private isSolo(key: string): boolean {
    return (this.cells.get(key)?.losses.length ?? 0) >= this.settings.soloLosses;
  }

  /**
   * Of the free workers: none that failed at the cell, a fast one, its island's home, idle, home of
   * few islands. So others keep their homes, and little is lost if the cell kills its worker.
   */
  private choose(
    cell: OfferedCell,
    free: Iterable<WorkerEntry>,
    kept: WorkerEntry | undefined,
    nowMs: number,
  ): WorkerEntry | undefined {
    const { failedOn, holders } = this.record(keyOf(cell));
    const isBarred = ({ name }: WorkerEntry) => failedOn.has(name) || name === cell.except;
    const hasFresh = failedOn.size > 0 && this.able(cell).some((worker) => !isBarred(worker));
    const home = this.homes.of(cell);
    const badness = (worker: WorkerEntry) =>
      (this.times.isSlow(worker.name, nowMs) ? 3 : 0) +
      (worker.name === home ? 0 : 1) +
      worker.leases.size / worker.slots;
    const isBefore = (one: WorkerEntry, other: WorkerEntry) => {
      const islands = this.homes.count(one.name) - this.homes.count(other.name);
      return islands < 0 || (islands === 0 && one.name < other.name);
    };
    let best: WorkerEntry | undefined;
    let least = Infinity;
    for (const worker of free) {
      if (worker === kept || worker.kernelVersion !== cell.kernelVersion) continue;
      if (worker.name === cell.except || holders.has(worker.name)) continue;
      if (hasFresh && isBarred(worker)) continue;
      const bad = badness(worker);
      if (bad > least || (bad === least && best !== undefined && !isBefore(worker, best))) continue;
      if (!this.hasRoom(worker, cell)) continue;
      best = worker;
      least = bad;
    }
    return best;
  }

  /**
   * Whether a cell is done sooner by waiting for workers that are much faster than this one, behind
   * others that wait for them.
   */
  private hasFaster(slow: WorkerEntry, cell: OfferedCell, waiting: number, nowMs: number): boolean {
    if (!this.times.isSlow(slow.name, nowMs)) return false;
    const { failedOn } = this.record(keyOf(cell));
    const free = this.able(cell)
      .filter(({ name }) => !failedOn.has(name) && this.times.isFaster(name, slow.name, nowMs))
      .flatMap(({ leases }) => [...leases.values()].map((each) => this.times.endsIn(each, nowMs)))
      .filter((ms) => ms < Infinity);
    if (free.length === 0) return false;
    const rounds = Math.ceil((waiting + 1) / free.length);
    const expected = this.times.expectedMs(cell) ?? 0;
    const slowMs = this.times.slowness(slow.name, nowMs) * expected;
    return Math.max(...free) + rounds * expected <= slowMs || expected === 0;
  }

  /** Whether a worker is there that computes with a version. */
  hasVersion(kernelVersion: string): boolean {
    return [...this.workers.values()].some((worker) => worker.kernelVersion === kernelVersion);
  }

  /** Who is free soonest, by all that is known. */
  private emptiest(cell: OfferedCell): WorkerEntry | undefined {
    const { failedOn } = this.record(keyOf(cell));
    const failed = ({ name }: WorkerEntry) => Number(failedOn.has(name));
    return this.able(cell).sort(
      (a, b) =>
        failed(a) - failed(b) || a.leases.size - b.leases.size || (a.name < b.name ? -1 : 1),
    )[0];
  }

  private able({ kernelVersion, except }: OfferedCell): WorkerEntry[] {
    return [...this.workers.values()].filter(
      (worker) =>
        worker.kernelVersion === kernelVersion && !worker.isDraining && worker.name !== except,
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

  /** Leases that are out alone for longer than they should, longest first. */
  private late(nowMs: number): Lease[] {
    return [...this.workers.values()]
      .flatMap(({ leases }) => [...leases.values()])
      .filter((lease) => this.times.isLate(lease, nowMs))
      .filter((lease) => this.record(keyOf(lease.cell)).holders.size === 1)
      .sort((a, b) => a.sinceMs - b.sinceMs || a.token - b.token);
  }
}
