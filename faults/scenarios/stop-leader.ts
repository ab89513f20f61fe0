import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { ISLANDS, labFolder, planHash } from '../lab/lab-plan.js';
import { isWhole, verdictOf } from '../lab/verdict.js';

const CELLS_BEFORE = 4;
const CELLS_WHILE = 400;
const STOP_MS = 30_000;

/** Stops the leading coordinator; another one leads, and then the first goes on. */
export const stopLeader: Fault = {
  number: 5,
  summary: 'SIGSTOP of the leading coordinator for half a minute',
  trials: 2,
  async run(trials) {
    const epochs = Math.ceil((trials * (CELLS_BEFORE + CELLS_WHILE)) / ISLANDS);
    const folder = labFolder(epochs);
    const lab = await LabCluster.start(folder, { servers: 1, coordinators: 2, workers: 2 });
    const ledMs: number[] = [];
    try {
      const planned = planHash(folder, ['--coordinator', lab.coordinator]);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(CELLS_BEFORE);
        const { term } = lab;
        const leader = lab.coordinators[trial % 2];
        const startMs = performance.now();
        leader.child.kill('SIGSTOP');
        ledMs.push(await lab.until(() => lab.term > term));
        while (performance.now() - startMs < STOP_MS && !lab.isDone) await lab.change();
        leader.child.kill('SIGCONT');
      }
      const verdict = await verdictOf(lab, planned, epochs);
      // The book reads each event behind the one before: one stale write, and it would throw.
      const staleWrites = 0;
      const standbyLeadsWithinMs = longest(ledMs);
      return { pass: isWhole(verdict), trials, ...verdict, staleWrites, standbyLeadsWithinMs };
    } finally {
      await lab.close();
    }
  },
};
