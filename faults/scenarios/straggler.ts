import type { Fault } from '../lab/fault.js';
import { LabCluster, type LabSize } from '../lab/lab-cluster.js';
import { ISLANDS } from '../lab/lab-plan.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import { CELL_MS } from '../lab/start-paced-worker.js';

const WORKERS = 3;
const SIZE: LabSize = { servers: 1, coordinators: 1, workers: WORKERS - 1, isPaced: true };
const CHURN_MS = 5_000;
const CELLS = 80;
/** One job lasts as long as all that is measured. */
const EPOCHS_BEFORE = 5;
const EPOCHS_PER_TRIAL = 70;
const MOST_RATIO = 1.25;
const LEAST_EFFICIENCY = 0.7;

/** One worker of three has a tenth of its speed; then workers come and go all the time. */
export const straggler: Fault = {
  number: 18,
  summary: 'a worker at a tenth of its speed; one that joins or leaves every 5 s',
  trials: 1,
  run: (trials, progress) =>
    LabCluster.with(SIZE, async (lab) => {
      const [ratios, efficiencies]: number[][] = [[], []];
      const work = new LabWork(lab, EPOCHS_BEFORE + trials * EPOCHS_PER_TRIAL);
      await lab.more(ISLANDS * EPOCHS_BEFORE);
      for (let trial = 0; trial < trials; trial++) {
        const withoutMs = await lab.more(CELLS);
        await lab.startPacedWorker(10 * CELL_MS);
        ratios.push((await lab.more(CELLS)) / withoutMs);
        await lab.killWorker(lab.workers.length - 1);
        const each = CELLS / withoutMs / (WORKERS - 1);
        efficiencies.push((await churned(lab)) / each);
        progress(`ratio ${ratios.at(-1)}, efficiency ${efficiencies.at(-1)}`);
      }
      const verdict = await work.verdict();
      const [ratio, efficiency] = [Math.max(...ratios), Math.min(...efficiencies)];
      const isFast = ratio <= MOST_RATIO && efficiency >= LEAST_EFFICIENCY;
      const seen = { ratio: rounded(ratio), efficiency: rounded(efficiency) };
      const isKept = isWhole(verdict);
      return { pass: isKept && isFast, isKept, trials, ...verdict, ...seen };
    }),
};

/** Cells for each worker and millisecond while a worker joins, leaves, joins. */
async function churned(lab: LabCluster): Promise<number> {
  let workerMs = 0;
  const before = lab.accepted;
  for (let turn = 0; lab.accepted < before + CELLS; turn++) {
    const startMs = performance.now();
    const count = lab.workers.length;
    await lab.elapse(CHURN_MS);
    if (turn % 2 === 0) await lab.startPacedWorker();
    else await lab.workers.shift()?.end('SIGTERM');
    workerMs += count * (performance.now() - startMs);
  }
  return (lab.accepted - before) / workerMs;
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}
