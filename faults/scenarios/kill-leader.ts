import { RandomStream } from '@isola/kernels/random';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const CELLS_BETWEEN = 6;
const MOST_MS = 10_000;

/** Kills the coordinator that leads, starts it again as a standby, and so on. */
export const killLeader: Fault = {
  number: 2,
  summary: 'kill -9 of the leading coordinator',
  trials: 50,
  async run(trials) {
    const random = new RandomStream(2, 'kill-leader');
    const lab = await LabCluster.start({ servers: 1, coordinators: 2, workers: 2 });
    const ledMs: number[] = [];
    const progressMs: number[] = [];
    try {
      const work = new LabWork(lab);
      let leader = 0;
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(1 + random.integer(CELLS_BETWEEN - 1, trial, 0, 0, 0));
        const { term } = lab;
        await lab.coordinators[leader].end();
        ledMs.push(await lab.until(() => lab.term > term));
        progressMs.push(await lab.more(1));
        await lab.startCoordinator(leader);
        leader = 1 - leader;
      }
      const verdict = await work.verdict();
      const [standbyLeadsWithinMs, progressWithinMs] = [longest(ledMs), longest(progressMs)];
      const isKept = isWhole(verdict);
      const pass = isKept && standbyLeadsWithinMs <= MOST_MS;
      return { pass, isKept, trials, ...verdict, standbyLeadsWithinMs, progressWithinMs };
    } finally {
      await lab.close();
    }
  },
};
