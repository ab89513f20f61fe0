/**
 * A job that is cheap and still all that a real one is: what tests run, kill and run again. Four
 * islands of differential evolution on Rastrigin's function, thirty epochs.
 */
import type { JobEvent, JobSpec } from '@isola/coordinator/jobs';
import { contentId } from '@isola/coordinator/store';
import {
  type DifferentialEvolutionState,
  differentialEvolution,
  populationMethod,
} from '@isola/optimizers/algorithms';
import {
  bestLeave,
  islandCell,
  replaceWorstIfBetter,
  toBytes,
  torus,
} from '@isola/optimizers/islands';
import type { Problem } from '@isola/optimizers/problem';
import { jobSpec } from './job-spec.js';
import { inJobStore } from './job-store.js';
import { type JobOutcome, runJob } from './run-job.js';

const SIZE = 6;

const rastrigin: Problem = {
  size: SIZE,
  lower: new Float64Array(SIZE).fill(-5.12),
  upper: new Float64Array(SIZE).fill(4),
  value: async (x) =>
    x.reduce((sum, xi) => sum + 10 + xi * xi - 10 * Math.cos(2 * Math.PI * xi), 0),
};

export const toyAdvance = islandCell(
  populationMethod(differentialEvolution({ populationSize: 12 })),
  rastrigin,
  {
    migration: { topology: torus, leave: bestLeave(2), enter: replaceWorstIfBetter },
    generations: 5,
    start: () => new Float64Array(SIZE).fill(3),
  },
);

/** @param seed another one is another job */
export function toySpec(seed: number): JobSpec {
  return jobSpec({
    ...{ subject: 'Rastrigin', kernelVersion: 'toy 1', seed },
    ...{ islands: 4, epochs: 30, topology: torus, lag: 1 },
  });
}

/** One name for all that a run comes to. */
export function outcomeHash(outcome: JobOutcome<DifferentialEvolutionState>): string {
  return contentId(toBytes(outcome));
}

/**
 * Runs the job in a folder, in a process of its own. Lines on stdout: of each cell before it is
 * computed, of each event once it is kept, at the end the hash of the outcome.
 */
export async function toyMain(folder: string, concurrency: number): Promise<void> {
  const spec = toySpec(1);
  const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const onProgress = (_job: unknown, event?: JobEvent) => {
    if (event !== undefined) print(event);
  };
  const advance: typeof toyAdvance = (cell, stop) => {
    print({ type: 'Computing', island: cell.island, epoch: cell.epoch });
    return toyAdvance(cell, stop);
  };
  const outcome = await inJobStore(folder, spec, (store) =>
    runJob(store, spec, advance, { concurrency, onProgress }),
  );
  print({ type: 'Outcome', hash: outcomeHash(outcome) });
}
