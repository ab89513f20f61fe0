import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import {
  fluencePlan,
  folderWith,
  goldenOf,
  labPlan,
  planHash,
  shardPlan,
} from '../lab/lab-plan.js';

const EPOCHS = 6;
const COUNTS = [1, 2, 4, 8, 3, 6, 12, 16];
const PLANS = [labPlan(EPOCHS), fluencePlan(), shardPlan(1)];

/** A search, a fluence and a plan in shards by clusters of 1 to 16 workers. */
export const anyWorkers: Fault = {
  number: 19,
  summary: '1 to 16 workers',
  trials: 20,
  async run(trials, progress) {
    let different = 0;
    for (let trial = 0; trial < trials; trial++) {
      const workers = COUNTS[trial % COUNTS.length];
      await LabCluster.with({ servers: 1, coordinators: 1, workers }, async (lab) => {
        for (const plan of PLANS) {
          const clustered = await planHash(folderWith(plan), ['--coordinator', lab.coordinator]);
          if (clustered !== (await goldenOf(plan))) different++;
        }
      });
      progress(`${workers} workers: ${different} plans have been different`);
    }
    const plans = trials * PLANS.length;
    const isKept = different === 0;
    return { pass: isKept, isKept, trials, plans, different, hashEqual: isKept };
  },
};
