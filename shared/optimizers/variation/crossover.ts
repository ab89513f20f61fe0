/** Crossover: two parents give two children. */
import { InputError } from '../problem/index.js';
import { blendCrossover } from './blend-crossover.js';
import type { Draws } from './draws.js';
import type { Pair } from './pair.js';
import { onePointCrossover, twoPointCrossover } from './point-crossover.js';
import type { Ranges } from './ranges.js';
import { type SimulatedBinary, simulatedBinaryCrossover } from './simulated-binary-crossover.js';
import { uniformCrossover } from './uniform-crossover.js';

export type Crossover =
  | {
      /** Each variable is swapped or not, as a coin falls. */
      readonly kind: 'uniform';
    }
  | {
      /** All variables behind a point are swapped. */
      readonly kind: 'one-point';
    }
  | {
      /** All variables between two points are swapped. */
      readonly kind: 'two-point';
    }
  | {
      /** Two points of the line between the parents. */
      readonly kind: 'blend';
    }
  | SimulatedBinary;

/** Two new points within the bounds; the parents lie within them. Takes draws from `first` on. */
export function crossed(
  crossover: Crossover,
  parents: Pair,
  ranges: Ranges,
  draws: Draws,
  first: number,
): Pair {
  switch (crossover.kind) {
    case 'uniform':
      return uniformCrossover(parents, draws, first);
    case 'one-point':
      return onePointCrossover(parents, draws, first);
    case 'two-point':
      return twoPointCrossover(parents, draws, first);
    case 'blend':
      return blendCrossover(parents, draws, first);
    case 'simulated-binary':
      return simulatedBinaryCrossover(parents, ranges, crossover, draws, first);
  }
}

/** An upper bound of the draws of one crossover of points of `size` variables. */
export function drawsOfCrossover(size: number): number {
  return 3 * size;
}

const KINDS = ['uniform', 'one-point', 'two-point', 'blend', 'simulated-binary'];

/** @throws InputError for an unknown kind or a parameter outside its range */
export function checkCrossover(place: string, crossover: Crossover): void {
  if (!KINDS.includes(crossover.kind)) {
    throw new InputError(`${place}.kind`, `is ${crossover.kind}; allowed: ${KINDS.join(', ')}`);
  }
  if (crossover.kind !== 'simulated-binary') return;
  const { index, variableProbability = 0.5 } = crossover;
  if (!(Number.isFinite(index) && index >= 0)) {
    throw new InputError(`${place}.index`, `is ${index}; allowed: a number of 0 or more`);
  }
  if (!(variableProbability >= 0 && variableProbability <= 1)) {
    const problem = `is ${variableProbability}; allowed: 0 to 1`;
    throw new InputError(`${place}.variableProbability`, problem);
  }
}
