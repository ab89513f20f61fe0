import type { Part } from 'isola/cluster-processes';
import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';

const WORKERS = 3;
/** Of each so long the straggler goes on for a tenth. */
const PERIOD_MS = 200;
const CHURN_MS = 5_000;
const CELLS = 120;
const MOST_RATIO = 1.25;
const LEAST_EFFICIENCY = 0.7;

/** One worker of three has a tenth of its speed; then workers come and go all the time. */
export const straggler: Fault = {
  number: 18,
  summary: 'a worker at a tenth of its speed; one that joins or leaves every 5 s',
  trials: 1,
  run: (trials, progress) =>
    LabCluster.with({ servers: 1, coordinators: 1, workers: WORKERS - 1 }, async (lab) => {
      const [ratios, efficiencies]: number[][] = [[], []];
      const work = new LabWork(lab);
      await lab.more(1);
      for (let trial = 0; trial < trials; trial++) {
        const withoutMs = await lab.more(CELLS);
        const slow = slowed(await lab.startWorker());
        ratios.push((await lab.more(CELLS)) / withoutMs);
        slow.end();
        await lab.killWorker(lab.workers.length - 1);
        const each = CELLS / withoutMs / (WORKERS - 1);
        efficiencies.push((await churned(lab)) / each);
        progress(`ratio ${ratios.at(-1)}, efficiency ${efficiencies.at(-1)}`);
      }
      const verdict = await work.verdict();
      const [ratio, efficiency] = [Math.max(...ratios), Math.min(...efficiencies)];
      const isFast = ratio <= MOST_RATIO && efficiency >= LEAST_EFFICIENCY;
      const seen = { ratio: rounded(ratio), efficiency: rounded(efficiency) };
      return { pass: isWhole(verdict) && isFast, trials, ...verdict, ...seen };
    }),
};

function slowed({ child }: Part) {
  const timer = setInterval(() => {
    child.kill('SIGCONT');
    setTimeout(() => child.kill('SIGSTOP'), PERIOD_MS / 10);
  }, PERIOD_MS);
  return { end: () => clearInterval(timer) };
}

/** Cells for each worker and millisecond while a worker joins, leaves, joins. */
async function churned(lab: LabCluster): Promise<number> {
  let workerMs = 0;
  const before = lab.accepted;
  for (let turn = 0; lab.accepted < before + CELLS; turn++) {
    const startMs = performance.now();
    const count = lab.workers.length;
    await lab.elapse(CHURN_MS);
    workerMs += count * (performance.now() - startMs);
    if (turn % 2 === 0) await lab.startWorker();
    else await lab.workers.shift()?.end('SIGTERM');
  }
  return (lab.accepted - before) / workerMs;
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}
