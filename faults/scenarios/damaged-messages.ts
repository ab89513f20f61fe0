import { RandomStream } from '@isola/kernels/random';
import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { folderWith, goldenOf, planHash, shardPlan } from '../lab/lab-plan.js';
import { MessageProxy } from '../lab/message-proxy.js';

const WORKERS = 4;
/** Of messages to one worker. */
const PART = 0.3;
const FOUND = 'isola_worker_exchange_corrupted_total';
const METRICS = /metrics on port (\d+)/;

/** One bit of some messages between workers is changed on its way, until so many were. */
export const damagedMessages: Fault = {
  number: 12,
  summary: 'messages of workers with a wrong bit',
  trials: 1000,
  async run(trials, progress) {
    const random = new RandomStream(12, 'messages');
    let messages = 0;
    let damaged = 0;
    const proxy = await MessageProxy.start(({ subject, payload }) => {
      const draw = (purpose: number) => random.uniform(purpose, 0, 0, messages);
      messages++;
      // What goes to all of them would be found by each.
      const isOne = /\.exchange\.\w+\.to\./.test(subject);
      if (!isOne || damaged >= trials || draw(0) >= PART)
        return { times: 1, isLate: false, payload };
      damaged++;
      const changed = Buffer.from(payload);
      changed[Math.floor(draw(1) * changed.length)] ^= 1 << Math.floor(draw(2) * 8);
      return { times: 1, isLate: false, payload: changed };
    });
    const size = {
      servers: 1,
      coordinators: 1,
      workers: 0,
      serve: ['--exchange', proxy.url],
    } as const;
    let plans = 0;
    let different = 0;
    const found = await LabCluster.with(size, async (lab) => {
      proxy.target = Number(new URL(lab.servers[0].url).port);
      const pages: string[] = [];
      for (let i = 0; i < WORKERS; i++) {
        const worker = await lab.startWorker(['--metrics', '127.0.0.1:0'], METRICS);
        pages.push(`http://127.0.0.1:${worker.said[1]}/metrics`);
      }
      while (damaged < trials) {
        const folder = folderWith(shardPlan(++plans));
        const hash = await planHash(folder, ['--coordinator', lab.coordinator]);
        // The seed makes it another job, but changes nothing of a plan that searches for nothing.
        if (hash !== (await goldenOf(shardPlan(1)))) different++;
        progress(`${damaged} of ${trials} damaged`);
      }
      const counts = await Promise.all(pages.map(foundBy));
      return counts.reduce((sum, count) => sum + count, 0);
    });
    proxy.close();
    const unfound = damaged - found;
    const isKept = unfound === 0 && different === 0;
    const kept = { hashEqual: different === 0, applied: different };
    return { pass: isKept, isKept, trials, messages, damaged, unfound, plans, ...kept };
  },
};

async function foundBy(page: string): Promise<number> {
  const text = await (await fetch(page)).text();
  return Number(text.match(new RegExp(`^${FOUND} (\\d+)`, 'm'))?.[1]);
}
