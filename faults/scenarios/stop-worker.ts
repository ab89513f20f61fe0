import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { ISLANDS } from '../lab/lab-plan.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const CELLS_BEFORE = 6;
const STOP_MS = 60_000;
const MOST_MS = 16_000;

/** Stops a worker in the midst of a cell; a minute later it goes on, with a result nobody needs. */
export const stopWorker: Fault = {
  number: 4,
  summary: 'SIGSTOP of a worker for a minute',
  trials: 1,
  async run(trials) {
    const lab = await LabCluster.start({ servers: 1, coordinators: 1, workers: 2, isPaced: true });
    const nextMs: number[] = [];
    try {
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(CELLS_BEFORE);
        const [stopped] = lab.workers;
        const startMs = performance.now();
        stopped.child.kill('SIGSTOP');
        // Islands wait for each other, so soon all of them wait for the stopped worker's.
        nextMs.push(await lab.more(2 * ISLANDS));
        await lab.elapse(startMs + STOP_MS - performance.now());
        stopped.child.kill('SIGCONT');
      }
      const verdict = await work.verdict();
      const progressWithinMs = longest(nextMs);
      const isKept = isWhole(verdict);
      const pass = isKept && progressWithinMs <= MOST_MS;
      return { pass, isKept, trials, ...verdict, progressWithinMs };
    } finally {
      await lab.close();
    }
  },
};
