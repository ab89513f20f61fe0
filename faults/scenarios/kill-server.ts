import { startNatsServer } from '@isola/coordinator/nats';
import { RandomStream } from '@isola/kernels/random';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const CELLS_BETWEEN = 12;
const MOST_MS = 10_000;

/** Kills, or ends in order, one of three NATS servers, starts it again, and so on. */
export const killServer: Fault = {
  number: 6,
  summary: 'kill -9 or stop of one of three NATS servers',
  trials: 40,
  async run(trials) {
    const random = new RandomStream(6, 'kill-server');
    const lab = await LabCluster.start({ servers: 3, coordinators: 1, workers: 2 });
    const gapsMs: number[] = [];
    try {
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        await lab.more(1 + random.integer(CELLS_BETWEEN - 1, trial, 0, 0, 0));
        const which = random.integer(3, trial, 0, 1, 0);
        const server = lab.servers[which];
        await (trial % 2 === 0 ? server.kill() : server.stop());
        gapsMs.push(await lab.more(1));
        lab.servers[which] = await startNatsServer(server.options);
      }
      const verdict = await work.verdict();
      const gapWithinMs = longest(gapsMs);
      const isKept = isWhole(verdict);
      return { pass: isKept && gapWithinMs <= MOST_MS, isKept, trials, ...verdict, gapWithinMs };
    } finally {
      await lab.close();
    }
  },
};
