/** The methods: one search with parts left out or added, on islands that share their best. */
import {
  type Best,
  memetic,
  type NeighbourhoodOptions,
  neighbourhoodPopulation,
  type PopulationMethod,
} from '@isola/optimizers/algorithms';
import { type Advance, bestMigrates, broadcastBest, islandCell } from '@isola/optimizers/islands';
import type { DifferentiableProblem } from '@isola/optimizers/problem';
import { COOLING, EPOCH_GENERATIONS, MUTATION, PAIRS, TEMPERATURE } from './settings.js';

export const METHODS = ['ga', 'sa', 'hybrid', 'hybrid-gradient'] as const;
export type Method = (typeof METHODS)[number];

/** Plain data; only the method knows what is in it. */
export type IslandState = unknown;

/** A method at work on a problem. */
export interface MethodCells {
  readonly advance: Advance<IslandState, Best>;
  best(state: IslandState): Best;
}

interface MethodSettings {
  readonly search: NeighbourhoodOptions;
  /** Between two looks at the stop rule, when islands share their best. */
  readonly generations: number;
  /** Steps of L-BFGS-B that the best of an island takes every generation; 0 for none. */
  readonly gradientSteps: number;
}

/** The same for all: what is published, and choices that the paper leaves open. */
const SHARED: NeighbourhoodOptions = {
  ...{ pairs: PAIRS, mutationProbability: MUTATION, temperature: TEMPERATURE, cooling: COOLING },
  ...{ boltzmann: 1e-6, crossover: { kind: 'blend' }, crossoverProbability: 1 },
  ...{ against: 'first', secondChild: 'tested' },
  ...{ move: { kind: 'heat-bath', relaxation: 1.4 }, order: 'strides' },
};

/** What differs: the parts, and how long they go on between two exchanges. */
const SETTINGS: Readonly<Record<Method, MethodSettings>> = {
  ga: { search: { samples: 0 }, generations: 10, gradientSteps: 0 },
  sa: { search: { evolution: false, samples: 100 }, generations: 1, gradientSteps: 0 },
  hybrid: { search: { samples: 70 }, generations: 1, gradientSteps: 0 },
  'hybrid-gradient': { search: { samples: 20 }, generations: 1, gradientSteps: 8 },
};

/** The best goes to all, where the worst makes room for it: step 4. */
export const MIGRATION = bestMigrates(broadcastBest);

/**
 * Cells of a method.
 * @param start the first individual; the others lie between 0 and twice as much
 */
export function methodCells(
  method: Method,
  problem: DifferentiableProblem,
  start: Float64Array,
): MethodCells {
  const { search, generations, gradientSteps } = SETTINGS[method];
  const population = neighbourhoodPopulation({
    ...{ ...SHARED, ...search, epochGenerations: EPOCH_GENERATIONS },
    initialRadius: start[0],
  });
  const cells = <S>(algorithm: PopulationMethod<S, DifferentiableProblem>): MethodCells => ({
    advance: islandCell(algorithm, problem, {
      ...{ migration: MIGRATION, generations, start: () => start },
    }) as Advance<IslandState, Best>,
    best: (state) => algorithm.optimizer.best(state as S),
  });
  if (gradientSteps === 0) return cells(population);
  return cells(memetic(population, { every: 1, iterations: gradientSteps }));
}
