import type { JobId } from '../jobs/index.js';
import type { OfferedCell } from './lease.js';

/** Who computed each island last: that worker still has its state, and what that needs. */
export class Homes {
  private readonly byIsland = new Map<string, string>();

  of(cell: OfferedCell): string | undefined {
    return this.byIsland.get(islandOf(cell));
  }

  move(cell: OfferedCell, worker: string): void {
    this.byIsland.set(islandOf(cell), worker);
  }

  /** How many islands each worker is home of. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const worker of this.byIsland.values()) counts.set(worker, (counts.get(worker) ?? 0) + 1);
    return counts;
  }

  forgetJob(job: JobId): void {
    for (const key of this.byIsland.keys())
      if (key.startsWith(`${job} `)) this.byIsland.delete(key);
  }
}

function islandOf({ job, task }: OfferedCell): string {
  return `${job} ${task.island}`;
}
