import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { goldenHash, labFolder, planHash } from '../lab/lab-plan.js';

const EPOCHS = 6;
const COUNTS = [1, 2, 3, 4, 6, 8, 12, 16];

/** One plan by clusters of 1 to 16 workers. */
export const anyWorkers: Fault = {
  number: 19,
  summary: '1 to 16 workers',
  trials: 20,
  async run(trials) {
    const golden = await goldenHash(EPOCHS);
    let different = 0;
    for (let trial = 0; trial < trials; trial++) {
      const workers = COUNTS[trial % COUNTS.length];
      const folder = labFolder(EPOCHS);
      const lab = await LabCluster.start({ servers: 1, coordinators: 1, workers });
      try {
        const clustered = await planHash(folder, ['--coordinator', lab.coordinator]);
        if (clustered !== golden) different++;
      } finally {
        await lab.close();
      }
    }
    return { pass: different === 0, trials, different, hashEqual: different === 0 };
  },
};
