import type { JobId } from '../jobs/index.js';
import type { OfferedCell } from './lease.js';

/** Who computed each island last: that worker still has its state, and what that needs. */
export class Homes {
  /** By job, then by island. */
  private readonly homes = new Map<JobId, Map<number, string>>();
  private readonly counts = new Map<string, number>();

  of({ job, task }: OfferedCell): string | undefined {
    return this.homes.get(job)?.get(task.island);
  }

  /** Of how many islands a worker is home. */
  count(worker: string): number {
    return this.counts.get(worker) ?? 0;
  }

  move(cell: OfferedCell, worker: string): void {
    const { job, task } = cell;
    this.add(this.of(cell), -1);
    this.add(worker, 1);
    const ofJob = this.homes.get(job) ?? new Map<number, string>();
    this.homes.set(job, ofJob.set(task.island, worker));
  }

  forgetJob(job: JobId): void {
    for (const worker of this.homes.get(job)?.values() ?? []) this.add(worker, -1);
    this.homes.delete(job);
  }

  /** Jobs and workers of which anything is known. */
  get size(): number {
    return this.homes.size + this.counts.size;
  }

  private add(worker: string | undefined, islands: number): void {
    if (worker === undefined) return;
    const count = this.count(worker) + islands;
    if (count === 0) this.counts.delete(worker);
    else this.counts.set(worker, count);
  }
}
