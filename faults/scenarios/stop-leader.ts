import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import { StaleLeader, staleWrites } from '../lab/stale-leader.js';

const CELLS_BEFORE = 4;
const STOP_MS = 30_000;
const MOST_MS = 10_000;
const STALE_WRITES = 500;

/**
 * Stops the leading coordinator; another one leads, and then the first goes on. A coordinator finds
 * out with its first write that it was deposed, so others write a lot with what it knew.
 */
export const stopLeader: Fault = {
  number: 5,
  summary: 'SIGSTOP of the leading coordinator for half a minute, and stale writes',
  trials: 2,
  run: (trials) =>
    LabCluster.with({ servers: 1, coordinators: 2, workers: 2, isPaced: true }, async (lab) => {
      const ledMs: number[] = [];
      let refused = 0;
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(CELLS_BEFORE);
        const stale = await StaleLeader.of(lab);
        const { term } = lab;
        const leader = lab.coordinators[trial % 2];
        const startMs = performance.now();
        leader.child.kill('SIGSTOP');
        ledMs.push(await lab.until(() => lab.term > term));
        await stale.write(STALE_WRITES);
        await lab.elapse(startMs + STOP_MS - performance.now());
        leader.child.kill('SIGCONT');
        await stale.write(STALE_WRITES);
        refused += stale.refused;
        await stale.close();
        await lab.more(CELLS_BEFORE);
      }
      const verdict = await work.verdict();
      const standbyLeadsWithinMs = longest(ledMs);
      const stale = { staleAccepted: staleWrites(lab), staleRefused: refused };
      const isFenced = stale.staleAccepted === 0 && refused === 2 * STALE_WRITES * trials;
      const isKept = isWhole(verdict) && isFenced;
      const pass = isKept && standbyLeadsWithinMs <= MOST_MS;
      return { pass, isKept, trials, ...verdict, ...stale, standbyLeadsWithinMs };
    }),
};
