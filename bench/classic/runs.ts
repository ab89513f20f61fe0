/** What is run on the classic functions, and what a run left behind. */
import { RandomStream } from '@isola/kernels/random';
import { type ClassicFunction, classicFunctions } from './functions.js';

export interface Task {
  readonly classic: ClassicFunction;
  readonly dimension: number;
  /** Evaluations that a run may spend. */
  readonly budget: number;
}

/** How far above the least value a run shall come, ever closer. The last one ends it. */
export const TARGETS = [10, 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] as const;

/** One method, ours or a peer's, on one task from one seed. */
export interface Run {
  readonly function: string;
  readonly dimension: number;
  readonly method: string;
  readonly library: string;
  readonly seed: number;
  /** The least value found; null where there was none before a failure. */
  readonly best: number | null;
  /** Evaluations after which each target was reached; null where it was not. */
  readonly hits: readonly (number | null)[];
  /** What broke the run, which then counts as far as it came; null where nothing did. */
  readonly failure: string | null;
}

/** @param budget evaluations a variable */
export function tasks(budget: number): Task[] {
  return [10, 30].flatMap((dimension) =>
    classicFunctions(dimension).map((classic) => ({
      ...{ classic, dimension, budget: budget * dimension },
    })),
  );
}

/** A point drawn evenly from the box; another for every place. */
export function anyPoint({ classic, dimension }: Task, seed: number, place = 0): Float64Array {
  const { lower, upper } = classic;
  const random = new RandomStream(seed, `start ${classic.name}`);
  return Float64Array.from(
    { length: dimension },
    (_, i) => lower + random.uniform(0, 0, place, i) * (upper - lower),
  );
}
