import { startNatsServer } from '@isola/coordinator/nats';
import { RandomStream } from '@isola/kernels/random';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const CELLS_BETWEEN = 10;
const MOST_MS = 30_000;

/** Kills server, coordinator and workers at once, starts all of them again, and so on. */
export const killEverything: Fault = {
  number: 3,
  summary: 'kill -9 of everything at once',
  trials: 20,
  async run(trials) {
    const random = new RandomStream(3, 'kill-everything');
    const lab = await LabCluster.start({ servers: 1, coordinators: 1, workers: 2 });
    const progressMs: number[] = [];
    try {
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(1 + random.integer(CELLS_BETWEEN - 1, trial, 0, 0, 0));
        await Promise.all([
          ...[...lab.workers, ...lab.coordinators].map((part) => part.end()),
          lab.servers[0].kill(),
        ]);
        lab.workers.length = 0;
        const startMs = performance.now();
        lab.servers[0] = await startNatsServer(lab.servers[0].options);
        await lab.startCoordinator(0, /listens on/);
        await Promise.all([lab.startWorker(), lab.startWorker()]);
        await lab.more(1);
        progressMs.push(performance.now() - startMs);
      }
      const verdict = await work.verdict();
      const progressWithinMs = longest(progressMs);
      const isKept = isWhole(verdict);
      const pass = isKept && progressWithinMs <= MOST_MS;
      return { pass, isKept, trials, ...verdict, progressWithinMs };
    } finally {
      await lab.close();
    }
  },
};
