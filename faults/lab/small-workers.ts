/** A cluster whose workers have little memory, and come back when they end, as under `isola up`. */
import { setTimeout as pause } from 'node:timers/promises';
import { LabCluster, type LabSize } from './lab-cluster.js';
import { MemoryLimit } from './memory-limit.js';

const AGAIN_MS = 1_000;

export class SmallWorkers {
  /** Threads that workers have ended because their cell did not. */
  threadsEnded = 0;
  private readonly upkeep = new AbortController();
  private readonly limits: MemoryLimit[] = [];
  private readonly starting = new Set<Promise<void>>();

  private constructor(readonly lab: LabCluster) {
    lab.beforeClose = () => {
      this.upkeep.abort();
      return Promise.allSettled(this.starting);
    };
  }

  /** @param mebibytes the most that each of `size.workers` may have */
  static async start(size: LabSize, mebibytes: number): Promise<SmallWorkers> {
    const workers = new SmallWorkers(await LabCluster.start({ ...size, workers: 0 }));
    try {
      for (let i = 0; i < size.workers; i++) workers.limits.push(new MemoryLimit(mebibytes));
      await Promise.all(workers.limits.map((limit) => workers.keep(limit)));
      return workers;
    } catch (error) {
      await workers.close();
      throw error;
    }
  }

  /** How many processes were killed for want of memory. */
  get kills(): number {
    return this.limits.reduce((sum, { kills }) => sum + kills, 0);
  }

  async close(): Promise<void> {
    await this.lab.close();
    MemoryLimit.closeAll();
  }

  /** Starts a worker, and another one whenever it ends. */
  private keep(limit: MemoryLimit): Promise<void> {
    const start = this.start(limit).finally(() => this.starting.delete(start));
    this.starting.add(start);
    return start;
  }

  private async start(limit: MemoryLimit): Promise<void> {
    const { lab, upkeep } = this;
    const part = await lab.startPacedWorker();
    part.child.stdout?.on('data', (text: Buffer | string) => {
      this.threadsEnded += text.toString().split('thread ended').length - 1;
    });
    limit.bind(part.child.pid ?? 0);
    part.child.once('close', () => {
      lab.workers.splice(lab.workers.indexOf(part), 1);
      pause(AGAIN_MS, undefined, { signal: upkeep.signal })
        .then(() => this.keep(limit))
        .catch((error: unknown) => {
          if (!upkeep.signal.aborted) lab.fail(error);
        });
    });
  }
}
