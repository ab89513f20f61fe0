import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../lab/fault.js';
import { HANGING_SEED } from '../lab/hanging-seed.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import { MemoryLimit, memoryLimitProblem } from '../lab/memory-limit.js';
import { counted, endOf, submitPlan } from '../lab/web-jobs.js';

/** More than there is work for at a time: who is stuck is no loss by itself. */
const WORKERS = 4;
/** Enough for the work of others, and not for the large plan. */
const MEBIBYTES = 550;
const AGAIN_MS = 1_000;
/** So that all workers have what they share between jobs. */
const CELLS_BEFORE = 100;
/** Turns without bad jobs; those with them last until the last is given up. */
const MEASURED_MS = 30_000;
/** A worker may compute a cell for so many minutes. */
const CELL_TIMEOUT = '0.3';
const MOST_FAILURES = 3;
const MOST_LOST_PERCENT = 5;
const PROGRAM = createRequire(import.meta.url).resolve('@isola/faults/hanging-worker');

const GOOD = { structure: 'Target', gridMm: 10, weight: 1 };
/** Jobs with a cell that no worker can compute, and what is to be said of it. */
const BAD = [
  { cause: 'bad-input', ...GOOD, structure: 'Nobody' },
  { cause: 'not-finite', ...GOOD, weight: 1e308 },
  { cause: 'worker-lost', ...GOOD, gridMm: 0.6 },
  { cause: 'timed-out', ...GOOD, seed: HANGING_SEED },
];

/** Workers get cells that fail, are not finite, hang, or take all memory, again and again. */
export const badCells: Fault = {
  number: 16,
  summary: 'cells that kill their worker, cannot be read, are not finite, or hang',
  trials: 3,
  lacking: memoryLimitProblem,
  run: (trials, progress) =>
    LabCluster.with(
      { servers: 1, coordinators: 1, workers: 0, serve: ['--cell-timeout', CELL_TIMEOUT] },
      (lab) => endured(lab, trials, progress),
    ),
};

async function endured(lab: LabCluster, trials: number, progress: (line: string) => void) {
  const limits = Array.from({ length: WORKERS }, () => new MemoryLimit(MEBIBYTES));
  const threads = { ended: 0 };
  const [web] = lab.web;
  const [well, bad]: number[][] = [[], []];
  const upkeep = new AbortController();
  try {
    await Promise.all(limits.map((limit) => keepWorker(lab, limit, threads, upkeep.signal)));
    const work = new LabWork(lab);
    await lab.more(CELLS_BEFORE);
    let named = 0;
    for (let trial = 0; trial < trials; trial++) {
      well.push(await paceUntil(lab, lab.elapse(MEASURED_MS)));
      const ends = BAD.map(async ({ cause, ...plan }) => {
        const end = await endOf(web, await submitPlan(web, planOf(plan, trial)));
        progress(`${trial + 1} of ${trials}: ${cause} ended with ${end.cause}`);
        if (end.cause === cause) named++;
      });
      bad.push(await paceUntil(lab, Promise.all(ends)));
      progress(`cells per second: ${well.at(-1)} without, ${bad.at(-1)} with bad jobs`);
    }
    const verdict = await work.verdict();
    const failed = (cause: string) => counted(web, `isola_cells_failed_total{cause="${cause}"}`);
    const each = await Promise.all(['bad-input', 'not-finite', 'timed-out'].map(failed));
    const failuresEach = Math.max(...each) / trials;
    const kills = limits.reduce((sum, { kills: count }) => sum + count, 0);
    const lostPercent = Math.round(100 * (1 - median(bad) / median(well)));
    const isSoon = failuresEach <= MOST_FAILURES && lostPercent <= MOST_LOST_PERCENT;
    // What was quarantined is lost; all others are there.
    const lost = verdict.lost - BAD.length * trials;
    const isKept = isWhole({ ...verdict, lost }) && named === BAD.length * trials;
    const isEnded = kills > 0 && threads.ended > 0;
    const seen = { named, failuresEach, kills, threadsEnded: threads.ended };
    const pass = isKept && isSoon && isEnded;
    return { pass, trials, ...verdict, lost, ...seen, othersLostPercent: lostPercent };
  } finally {
    upkeep.abort();
    await Promise.all(lab.workers.map((part) => part.end()));
    for (const limit of limits) limit.close();
  }
}

/** Cells of others in a second, until something has happened. */
async function paceUntil(lab: LabCluster, end: Promise<unknown>): Promise<number> {
  const [before, startMs] = [lab.accepted, performance.now()];
  await end;
  return Math.round((1e4 * (lab.accepted - before)) / (performance.now() - startMs)) / 10;
}

/** Starts a worker under a limit, and another one whenever it ends, as `isola up` does. */
async function keepWorker(
  lab: LabCluster,
  limit: MemoryLimit,
  threads: { ended: number },
  signal: AbortSignal,
) {
  const { child } = await lab.startProgram(PROGRAM);
  child.stdout?.on('data', (text: Buffer | string) => {
    threads.ended += text.toString().split('thread ended').length - 1;
  });
  limit.bind(child.pid ?? 0);
  child.once('close', () => {
    lab.workers.splice(
      lab.workers.findIndex((part) => part.child === child),
      1,
    );
    pause(AGAIN_MS, undefined, { signal })
      .then(() => keepWorker(lab, limit, threads, signal))
      .catch((error: unknown) => {
        if (!signal.aborted) lab.fail(error);
      });
  });
}

function planOf(
  { structure, gridMm, weight, seed }: typeof GOOD & { readonly seed?: number },
  trial: number,
): string {
  return [
    'case: phantom:tg119-c-shape',
    'machine: generic-6mv',
    'prescription: { structure: Target, doseGy: 50 }',
    'beams: { gantryDeg: [0, 120, 240], bixelMm: 10 }',
    `doseGridMm: ${gridMm}`,
    'objectives:',
    `  - { structure: ${structure}, type: squared-deviation, doseGy: 50, weight: ${weight} }`,
    'search: { method: fluence }',
    `seed: ${seed ?? trial + 1}`,
    // Makes it another job, and changes nothing else.
    `fractions: ${25 + trial}`,
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return (sorted[low] + sorted[high]) / 2;
}
