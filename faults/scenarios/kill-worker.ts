import { setTimeout as pause } from 'node:timers/promises';
import { RandomStream } from '@isola/kernels/random';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const WORKERS = 3;
/** Cells between two kills at most, and on average half of it. */
const CELLS_BETWEEN = 12;
const MOST_MS = 3_000;
const POLL_MS = 5;

/** Kills a worker at a random moment, starts another one, and so on. */
export const killWorker: Fault = {
  number: 1,
  summary: 'kill -9 of a worker',
  trials: 100,
  async run(trials) {
    const random = new RandomStream(1, 'kill-worker');
    const lab = await LabCluster.start({ servers: 1, coordinators: 1, workers: WORKERS });
    const noticedMs: number[] = [];
    const goneMs: number[] = [];
    const starting = new Set<Promise<void>>();
    try {
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(1 + random.integer(CELLS_BETWEEN - 1, trial, 0, 0, 0));
        while (lab.workers.length < 2) await Promise.race(starting);
        const [lost, startMs] = [lostBy(lab), performance.now()];
        await lab.killWorker(random.integer(lab.workers.length, trial, 0, 1, 0));
        while (lostBy(lab) === lost) await pause(POLL_MS);
        noticedMs.push(performance.now() - startMs);
        goneMs.push(await lab.more(1));
        const start = lab.startWorker().then(() => {
          starting.delete(start);
        });
        starting.add(start);
      }
      const verdict = await work.verdict();
      await Promise.all(starting);
      const [noticedWithinMs, progressWithinMs] = [longest(noticedMs), longest(goneMs)];
      const isKept = isWhole(verdict);
      const pass = isKept && noticedWithinMs <= MOST_MS;
      return { pass, isKept, trials, ...verdict, noticedWithinMs, progressWithinMs };
    } finally {
      await lab.close();
    }
  },
};

/** Workers whose loss the coordinator has noticed: with that, others may have their cells. */
function lostBy({ coordinators }: LabCluster): number {
  return coordinators[0].log().split('"worker lost"').length;
}
