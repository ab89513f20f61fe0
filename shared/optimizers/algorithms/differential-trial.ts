/** The challenger of a point in differential evolution: mutation, crossover, repair. */
import type { RandomStream } from '@isola/kernels/random';
import type { Bounds } from '../problem/index.js';

/** Which point is moved along the difference. */
export type DifferentialStrategy =
  | 'rand/1'
  | 'best/1'
  | 'current-to-best/1'
  /** Towards one of the best; the difference may begin at a point that was beaten before. */
  | 'current-to-pbest/1';

/** What trials of one generation are made from. */
export interface TrialSource {
  readonly strategy: DifferentialStrategy;
  readonly population: readonly Float64Array[];
  /** Beaten points. */
  readonly archive: readonly Float64Array[];
  /** Places in the population, the best first. */
  readonly ranked: readonly number[];
  readonly bounds: Bounds;
  readonly random: RandomStream;
  readonly generation: number;
}

/** Draws of an individual, by what they are for; 0 to 3 are of its control parameters. */
const FIRST_POINT = 4;
const SECOND_POINT = 5;
const THIRD_POINT = 6;
const BEST_SHARE = 7;
const BEST_RANK = 8;
const CERTAIN_VARIABLE = 9;
const FIRST_VARIABLE = 16;
/** The largest part of the population that 'pbest' is chosen from. */
const MOST_BEST = 0.2;

/** A point within the bounds that shares some variables with point i. */
export function trialPoint(
  source: TrialSource,
  i: number,
  factor: number,
  rate: number,
): Float64Array {
  const { population, bounds, random, generation } = source;
  const parent = population[i];
  const { from, towards, plus, minus } = chosen(source, i);
  const certain = random.integer(parent.length, 0, generation, i, CERTAIN_VARIABLE);
  return parent.map((current, j) => {
    const changes = j === certain || random.uniform(0, generation, i, FIRST_VARIABLE + j) < rate;
    if (!changes) return current;
    const moved = from[j] + factor * (towards[j] - from[j]) + factor * (plus[j] - minus[j]);
    // Half way from the parent to the bound: bounds are neared without all landing on them.
    if (moved < bounds.lower[j]) return (current + bounds.lower[j]) / 2;
    if (moved > bounds.upper[j]) return (current + bounds.upper[j]) / 2;
    return moved;
  });
}

/** The trial is from + F (towards - from) + F (plus - minus). */
function chosen(source: TrialSource, i: number) {
  const { strategy, population, archive, ranked } = source;
  const size = population.length;
  const first = otherThan([i], size, source, i, FIRST_POINT);
  if (strategy === 'current-to-pbest/1') {
    const second = otherThan([i, first], size + archive.length, source, i, SECOND_POINT);
    const minus = second < size ? population[second] : archive[second - size];
    const towards = population[oneOfTheBest(source, i)];
    return { from: population[i], towards, plus: population[first], minus };
  }
  const second = otherThan([i, first], size, source, i, SECOND_POINT);
  const best = population[ranked[0]];
  const [plus, minus] = [population[first], population[second]];
  if (strategy === 'best/1') return { from: best, towards: best, plus, minus };
  if (strategy === 'current-to-best/1') return { from: population[i], towards: best, plus, minus };
  const third = population[otherThan([i, first, second], size, source, i, THIRD_POINT)];
  return { from: third, towards: third, plus, minus };
}

/** An integer below `bound` that is none of those, each as likely as the others. */
function otherThan(
  taken: readonly number[],
  bound: number,
  { random, generation }: TrialSource,
  i: number,
  draw: number,
): number {
  let choice = random.integer(bound - taken.length, 0, generation, i, draw);
  for (const t of [...taken].sort((a, b) => a - b)) if (choice >= t) choice++;
  return choice;
}

/** From a best part of random size, between two points and a fifth of all. */
function oneOfTheBest({ ranked, random, generation }: TrialSource, i: number): number {
  const share = MOST_BEST * random.uniform(0, generation, i, BEST_SHARE);
  const count = Math.max(2, Math.round(share * ranked.length));
  return ranked[random.integer(count, 0, generation, i, BEST_RANK)];
}
