/**
 * How long cells take, and which workers are slower than others. Pure, as the leases are. Times are
 * of cells of one job, as jobs differ; what they say of a worker is a ratio, which holds for all.
 */
import type { JobId } from '../jobs/index.js';
import type { Lease, LeaseSettings, OfferedCell } from './lease.js';

/** Times of a job that the median is of. */
const TIMES_KEPT = 31;
const FEWEST_TIMES = 3;
/** A finishing cell has all voxels, and those of a search have few. */
const FINISH_FACTOR = 10;
/** A worker is as slow as in the fastest of its last cells: any may be slow by chance. */
const RATIOS_KEPT = 2;
/** What is known of a slow worker is worth half after that time: it may have got faster. */
const FORGETTING_MS = 30_000;

interface Pace {
  /** Of the worker's time to what was expected, for its last cells. */
  readonly ratios: readonly number[];
  readonly sinceMs: number;
}

export class CellTimes {
  private readonly byJob = new Map<JobId, number[]>();
  private readonly finishing = new Map<JobId, number>();
  private readonly paces = new Map<string, Pace>();
  /** Workers that have computed a cell of a job: with the first they get its plan, too. */
  private readonly begun = new Map<JobId, Set<string>>();

  constructor(private readonly settings: LeaseSettings) {}

  /** @param isFirst whether it was this worker that computed the cell; another one was quicker */
  took(lease: Lease, isFirst: boolean, nowMs: number): void {
    const { worker, cell } = lease;
    const ms = nowMs - lease.sinceMs;
    this.judge(lease, isFirst, nowMs);
    const begun = this.begun.get(cell.job) ?? new Set();
    this.begun.set(cell.job, begun.add(worker));
    if (!isFirst) return;
    if (cell.isFinish) this.finishing.set(cell.job, ms);
    else this.byJob.set(cell.job, [...(this.byJob.get(cell.job) ?? []), ms].slice(-TIMES_KEPT));
  }

  /** How long a cell takes a usual worker; undefined where nothing is known. */
  expectedMs({ job, isFinish = false }: OfferedCell): number | undefined {
    const times = this.byJob.get(job) ?? [];
    const ofSearch = times.length < FEWEST_TIMES ? undefined : median(times);
    if (!isFinish) return ofSearch;
    return this.finishing.get(job) ?? (ofSearch && FINISH_FACTOR * ofSearch);
  }

  /** Until a lease should be over; Infinity where nothing is known, or where it should be long. */
  endsIn(lease: Lease, nowMs: number): number {
    const expected = this.expectedMs(lease.cell);
    if (expected === undefined || this.isLate(lease, nowMs)) return Infinity;
    return Math.max(0, expected - (nowMs - lease.sinceMs));
  }

  /** Whether a lease is out for too long, or with a worker that will take too long. */
  isLate({ worker, cell, sinceMs }: Lease, nowMs: number): boolean {
    const expected = this.expectedMs(cell);
    if (this.isSlow(worker, nowMs)) return true;
    const { lateMs, lateFactor } = this.settings;
    return nowMs - sinceMs > Math.max(lateMs, lateFactor * (expected ?? Infinity));
  }

  /** How many times as long as others a worker takes; 1 for who is usual, or not known. */
  slowness(worker: string, nowMs: number): number {
    const pace = this.paces.get(worker);
    if (pace === undefined || pace.ratios.length < RATIOS_KEPT) return 1;
    const excess = Math.max(0, Math.min(...pace.ratios) - 1);
    return 1 + excess * 2 ** (-(nowMs - pace.sinceMs) / FORGETTING_MS);
  }

  isSlow(worker: string, nowMs: number): boolean {
    return this.slowness(worker, nowMs) >= this.settings.slowFactor;
  }

  /** Whether one worker is so much faster than another that it is worth a second copy. */
  isFaster(worker: string, than: string, nowMs: number): boolean {
    if (!this.isSlow(worker, nowMs)) return true;
    const { slowFactor } = this.settings;
    return this.slowness(worker, nowMs) * slowFactor <= this.slowness(than, nowMs);
  }

  forgetJob(job: JobId): void {
    for (const map of [this.byJob, this.finishing, this.begun]) map.delete(job);
  }

  forgetWorker(name: string): void {
    this.paces.delete(name);
  }

  /** Jobs of which anything is known. */
  get size(): number {
    return new Set([...this.byJob.keys(), ...this.finishing.keys(), ...this.begun.keys()]).size;
  }

  private judge({ worker, cell, sinceMs }: Lease, isFirst: boolean, nowMs: number): void {
    const expected = this.expectedMs(cell);
    const isPlanThere = this.begun.get(cell.job)?.has(worker) ?? false;
    if (expected === undefined || cell.isFinish || !isPlanThere) return;
    const known = this.paces.get(worker)?.ratios ?? [];
    const ratio = (nowMs - sinceMs) / Math.max(expected, 1);
    // Of who was outrun it is known only that it would have taken longer.
    const atLeast = isFirst ? ratio : Math.max(ratio, known.at(-1) ?? 0);
    if (!isFirst && atLeast < this.settings.slowFactor) return;
    const ratios = [...known, atLeast].slice(-RATIOS_KEPT);
    this.paces.set(worker, { ratios, sinceMs: nowMs });
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
