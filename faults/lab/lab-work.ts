import type { LabCluster } from './lab-cluster.js';
import { goldenHash, labFolder, planHash } from './lab-plan.js';

/** What every fault of a cluster must leave whole. */
export interface Verdict {
  readonly jobs: number;
  readonly cells: number;
  /** Cells of these jobs that are not accepted. */
  readonly lost: number;
  /** Cells that were accepted twice. */
  readonly doubled: number;
  /** Whether each plan is that of one machine without faults. */
  readonly hashEqual: boolean;
}

/** Some seconds of work for a job. */
const EPOCHS = 12;

/** Keeps a cluster busy, plan after plan, while faults are done to it. */
export class LabWork {
  private isOver = false;
  private readonly hashes: string[] = [];
  private readonly running: Promise<void>;

  constructor(
    private readonly lab: LabCluster,
    private readonly epochs = EPOCHS,
  ) {
    this.running = this.work();
    this.running.catch((error: unknown) => lab.fail(error));
  }

  /** Ends with the plan in work. */
  async verdict(): Promise<Verdict> {
    this.isOver = true;
    await this.running;
    const hashEqual = await this.isGolden();
    const jobs = this.lab.book().all();
    const cells = jobs.reduce((sum, { job }) => sum + job.cellCount, 0);
    const accepted = jobs.reduce((sum, { job }) => sum + job.acceptedCount, 0);
    return {
      jobs: jobs.length,
      cells,
      lost: cells - accepted,
      doubled: this.lab.doubled,
      hashEqual,
    };
  }

  /** Two at a time, as each leaves a processor idle now and then. */
  private async isGolden(): Promise<boolean> {
    const same: boolean[] = [];
    const left = this.hashes.entries();
    const compare = async () => {
      for (const [i, hash] of left) same.push(hash === (await goldenHash(this.epochs, i + 1)));
    };
    await Promise.all([compare(), compare()]);
    return same.every(Boolean);
  }

  private async work(): Promise<void> {
    for (let seed = 1; !this.isOver; seed++) {
      const args = ['--coordinator', this.lab.coordinator];
      this.hashes.push(await planHash(labFolder(this.epochs, seed), args));
    }
  }
}

export function isWhole({ lost, doubled, hashEqual }: Verdict): boolean {
  return lost === 0 && doubled === 0 && hashEqual;
}
