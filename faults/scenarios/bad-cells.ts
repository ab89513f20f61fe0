import type { Fault } from '../lab/fault.js';
import { HANGING_SEED } from '../lab/hanging-seed.js';
import type { LabCluster, LabSize } from '../lab/lab-cluster.js';
import { ISLANDS } from '../lab/lab-plan.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import { memoryLimitProblem } from '../lab/memory-limit.js';
import { SmallWorkers } from '../lab/small-workers.js';
import { counted, endOf, submitPlan } from '../lab/web-jobs.js';

/**
 * As many as others have cells at a time, and some for the bad ones: who is stuck with one, or
 * starts again after it, is missed by nobody.
 */
const WORKERS = ISLANDS + 4;
/** Enough for the work of others, and not for the large plan. */
const MEBIBYTES = 550;
/** A worker may compute a cell for so many minutes: what wants all memory has it by then. */
const CELL_TIMEOUT = '0.6';
const SIZE: LabSize = {
  ...{ servers: 1, coordinators: 1 },
  workers: WORKERS,
  serve: ['--cell-timeout', CELL_TIMEOUT],
};
/** The others' job lasts as long as all that is measured. */
const EPOCHS_BEFORE = 40;
const EPOCHS_PER_TRIAL = 180;
/** A turn without bad jobs; one with them lasts until the last is given up. */
const MEASURED_MS = 30_000;
/** Until all workers are there again. */
const SETTLING_MS = 5_000;
const MOST_FAILURES = 3;
const MOST_LOST_PERCENT = 5;

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
  async run(trials, progress) {
    const workers = await SmallWorkers.start(SIZE, MEBIBYTES);
    try {
      return await endured(workers, trials, progress);
    } finally {
      await workers.close();
    }
  },
};

/**
 * What others lose of their pace while a cluster has bad jobs. Cells take a second, most of which
 * they wait: on machines of their own, workers would not lose to what others of them burn.
 */
async function endured(workers: SmallWorkers, trials: number, progress: (line: string) => void) {
  const { lab } = workers;
  const [web] = lab.web;
  const work = new LabWork(lab, EPOCHS_BEFORE + trials * EPOCHS_PER_TRIAL);
  await lab.more(ISLANDS * EPOCHS_BEFORE);
  const [well, bad] = [new Pace(lab), new Pace(lab)];
  let named = 0;
  for (let trial = 0; trial < trials; trial++) {
    await well.during(lab.elapse(MEASURED_MS));
    named += await bad.during(namedEnds(web, trial, progress));
    await lab.elapse(SETTLING_MS);
    const paces = [well, bad].map(({ perSecond }) => perSecond.toFixed(2)).join(' and ');
    progress(`${trial + 1} of ${trials}: ${named} causes named; ${paces} cells per second so far`);
  }
  const verdict = await work.verdict();
  const failed = (cause: string) => counted(web, `isola_cells_failed_total{cause="${cause}"}`);
  const each = await Promise.all(['bad-input', 'not-finite', 'timed-out'].map(failed));
  const failuresEach = Math.max(...each) / trials;
  const { kills, threadsEnded } = workers;
  const lostPercent = bad.lostPercent(well);
  // What was quarantined is lost; all others are there.
  const lost = verdict.lost - BAD.length * trials;
  const isGivenUp = failuresEach <= MOST_FAILURES && threadsEnded > 0;
  const isKept = isWhole({ ...verdict, lost }) && isGivenUp;
  // What is slow to take all memory is given up for the time it takes.
  const isNamed = named === BAD.length * trials && kills > 0;
  const pass = isKept && isNamed && lostPercent <= MOST_LOST_PERCENT;
  const seen = { named, failuresEach, kills, threadsEnded, lostPercent };
  return { pass, isKept, trials, ...verdict, lost, ...seen };
}

/** Submits the bad jobs; of how many the right cause is named in the end. */
async function namedEnds(
  web: string,
  trial: number,
  progress: (line: string) => void,
): Promise<number> {
  const ends = BAD.map(async ({ cause, ...plan }) => {
    const end = await endOf(web, await submitPlan(web, planOf(plan, trial)));
    progress(`${cause} ended with ${end.cause}`);
    return end.cause === cause;
  });
  return (await Promise.all(ends)).filter(Boolean).length;
}

/** Cells that are accepted in a second, over all turns. */
class Pace {
  private cells = 0;
  private timeMs = 0;

  constructor(private readonly lab: LabCluster) {}

  get perSecond(): number {
    return (1000 * this.cells) / this.timeMs;
  }

  /** Counts until something has happened. */
  async during<T>(turn: Promise<T>): Promise<T> {
    const [before, startMs] = [this.lab.accepted, performance.now()];
    const end = await turn;
    this.cells += this.lab.accepted - before;
    this.timeMs += performance.now() - startMs;
    return end;
  }

  lostPercent(than: Pace): number {
    return Math.round(100 * (1 - this.perSecond / than.perSecond));
  }
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
