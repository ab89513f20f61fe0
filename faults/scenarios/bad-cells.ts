import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import { MemoryLimit, memoryLimitProblem } from '../lab/memory-limit.js';
import { counted, endOf, submitPlan } from '../lab/web-jobs.js';

const WORKERS = 2;
/** Enough for the work of others, and not for the large plan. */
const MEBIBYTES = 550;
const AGAIN_MS = 1_000;
/** Cells of others beside a good job, which has its share, and as many beside bad ones. */
const CELLS = 60;
const MOST_FAILURES = 3;
const MOST_LOST_PERCENT = 5;

const GOOD = { structure: 'Target', gridMm: 10, weight: 1 };
/** Jobs with a cell that no worker can compute, and what is to be said of it. */
const BAD = [
  { cause: 'bad-input', structure: 'Nobody', gridMm: 10, weight: 1 },
  { cause: 'not-finite', structure: 'Target', gridMm: 10, weight: 1e308 },
  { cause: 'worker-lost', structure: 'Target', gridMm: 1, weight: 1 },
];

/** Workers get cells that fail, are not finite, or take all memory, again and again. */
export const badCells: Fault = {
  number: 16,
  summary: 'cells that kill their worker, cannot be read, or are not finite',
  trials: 3,
  lacking: memoryLimitProblem,
  run: (trials, progress) =>
    LabCluster.with({ servers: 1, coordinators: 1, workers: 0 }, async (lab) => {
      const limits = Array.from({ length: WORKERS }, () => new MemoryLimit(MEBIBYTES));
      const [web] = lab.web;
      const [wellMs, badMs]: number[][] = [[], []];
      let named = 0;
      const upkeep = new AbortController();
      try {
        await Promise.all(limits.map((limit) => keepWorker(lab, limit, upkeep.signal)));
        const work = new LabWork(lab);
        await lab.more(1);
        for (let trial = 0; trial < trials; trial++) {
          const good = endOf(web, await submitPlan(web, plan(GOOD, trial)));
          wellMs.push(await lab.more(CELLS));
          await good;
          const ends = BAD.map(async (bad) => {
            const { cause } = await endOf(web, await submitPlan(web, plan(bad, trial)));
            progress(`${trial + 1} of ${trials}: ${bad.cause} ended with ${cause}`);
            if (cause === bad.cause) named++;
          });
          badMs.push(await lab.more(CELLS));
          await Promise.all(ends);
        }
        const verdict = await work.verdict();
        const failures = await counted(web, 'isola_cells_failed_total{cause="not-finite"}');
        const failuresEach = failures / trials;
        const kills = limits.reduce((sum, { kills: count }) => sum + count, 0);
        const lostPercent = Math.round(100 * (1 - sumOf(wellMs) / sumOf(badMs)));
        const isSoon = failuresEach <= MOST_FAILURES && lostPercent <= MOST_LOST_PERCENT;
        // What was quarantined is lost; all others are there.
        const lost = verdict.lost - BAD.length * trials;
        const isKept = isWhole({ ...verdict, lost }) && named === BAD.length * trials;
        const seen = { named, failuresEach, kills, othersLostPercent: lostPercent };
        return { pass: isKept && isSoon && kills > 0, trials, ...verdict, lost, ...seen };
      } finally {
        upkeep.abort();
        await Promise.all(lab.workers.map((part) => part.end()));
        for (const limit of limits) limit.close();
      }
    }),
};

/** Starts a worker under a limit, and another one whenever it ends, as `isola up` does. */
async function keepWorker(lab: LabCluster, limit: MemoryLimit, signal: AbortSignal) {
  const { child } = await lab.startWorker();
  limit.bind(child.pid ?? 0);
  child.once('close', () => {
    lab.workers.splice(
      lab.workers.findIndex((part) => part.child === child),
      1,
    );
    pause(AGAIN_MS, undefined, { signal })
      .then(() => keepWorker(lab, limit, signal))
      .catch((error: unknown) => {
        if (!signal.aborted) lab.fail(error);
      });
  });
}

function plan({ structure, gridMm, weight }: typeof GOOD, seed: number): string {
  return [
    'case: phantom:tg119-c-shape',
    'machine: generic-6mv',
    'prescription: { structure: Target, doseGy: 50 }',
    'beams: { gantryDeg: [0, 40, 80, 120, 160, 200, 240, 280, 320], bixelMm: 5 }',
    `doseGridMm: ${gridMm}`,
    'fractions: 25',
    'objectives:',
    `  - { structure: ${structure}, type: squared-deviation, doseGy: 50, weight: ${weight} }`,
    'search: { method: fluence }',
    `seed: ${seed + 1}`,
  ].join('\n');
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
