import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const CELLS_BEFORE = 4;
const STOP_MS = 30_000;
const MOST_MS = 10_000;

/** Stops the leading coordinator; another one leads, and then the first goes on. */
export const stopLeader: Fault = {
  number: 5,
  summary: 'SIGSTOP of the leading coordinator for half a minute',
  trials: 2,
  async run(trials) {
    const lab = await LabCluster.start({ servers: 1, coordinators: 2, workers: 2 });
    const ledMs: number[] = [];
    try {
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(CELLS_BEFORE);
        const { term } = lab;
        const leader = lab.coordinators[trial % 2];
        const startMs = performance.now();
        leader.child.kill('SIGSTOP');
        ledMs.push(await lab.until(() => lab.term > term));
        while (performance.now() - startMs < STOP_MS) await lab.change();
        leader.child.kill('SIGCONT');
      }
      const verdict = await work.verdict();
      const standbyLeadsWithinMs = longest(ledMs);
      const pass = isWhole(verdict) && standbyLeadsWithinMs <= MOST_MS;
      return { pass, trials, ...verdict, standbyLeadsWithinMs };
    } finally {
      await lab.close();
    }
  },
};
