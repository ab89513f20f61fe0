import { RandomStream } from '@isola/kernels/random';
import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { folderWith, goldenOf, planHash, shardPlan } from '../lab/lab-plan.js';
import { MessageProxy } from '../lab/message-proxy.js';

const WORKERS = 4;
/** Of messages. */
const PART = 0.2;

/** Workers optimise plans together over a way that loses, doubles and reorders what they say. */
export const lostMessages: Fault = {
  number: 11,
  summary: 'messages of workers lost, doubled, late',
  trials: 5,
  async run(trials, progress) {
    const random = new RandomStream(11, 'messages');
    const seen = { messages: 0, lostMessages: 0, doubledMessages: 0, lateMessages: 0 };
    const proxy = await MessageProxy.start(({ payload }) => {
      const draw = random.uniform(0, 0, 0, seen.messages++);
      const isLost = draw < PART;
      const isDoubled = !isLost && draw < 2 * PART;
      const isLate = !isLost && !isDoubled && draw < 3 * PART;
      if (isLost) seen.lostMessages++;
      if (isDoubled) seen.doubledMessages++;
      if (isLate) seen.lateMessages++;
      return { times: isLost ? 0 : isDoubled ? 2 : 1, isLate, payload };
    });
    const serve = ['--exchange', proxy.url];
    const size = { servers: 1, coordinators: 1, workers: WORKERS, serve } as const;
    let different = 0;
    await LabCluster.with(size, async (lab) => {
      proxy.target = Number(new URL(lab.servers[0].url).port);
      for (let trial = 1; trial <= trials; trial++) {
        const folder = folderWith(shardPlan(trial));
        const hash = await planHash(folder, ['--coordinator', lab.coordinator]);
        // The seed makes it another job, but changes nothing of a plan that searches for nothing.
        if (hash !== (await goldenOf(shardPlan(1)))) different++;
        progress(`${trial} of ${trials}: ${seen.messages} messages`);
      }
    });
    proxy.close();
    const isKept = different === 0 && seen.lostMessages > 0;
    // A stale answer that was used would have changed bits of the plan.
    const kept = { staleApplied: different, hashEqual: different === 0 };
    return { pass: isKept, isKept, trials, ...seen, ...kept };
  },
};
