/** What islands need of an optimiser: a look at its individuals, and a way in for others. */
import type { Best, Optimizer, Status } from '../algorithms/index.js';
import type { Problem } from '../problem/index.js';

export interface IslandAlgorithm<S, P extends Problem = Problem> {
  readonly optimizer: Optimizer<S, P>;
  /** Points and costs, in the order of their places. */
  individuals(state: S): readonly Best[];
  /** The state with these individuals in those places: as many, with the costs they have. */
  withIndividuals(state: S, individuals: readonly Best[]): S;
}

/** A state that holds a population; what else it holds belongs to places, not to points. */
export interface PopulationState {
  readonly status: Status;
  readonly population: readonly Float64Array[];
  readonly values: Float64Array;
}

/** An optimiser whose state holds a population, as islands see it. */
export function populationIsland<S extends PopulationState, P extends Problem>(
  optimizer: Optimizer<S, P>,
): IslandAlgorithm<S, P> {
  return {
    optimizer,
    individuals: ({ population, values }) =>
      population.map((x, place) => ({ x, value: values[place] })),
    // Whoever comes from elsewhere may wake up a population that had converged.
    withIndividuals: (state, individuals) => ({
      ...state,
      status: 'running',
      population: individuals.map(({ x }) => x),
      values: Float64Array.from(individuals, ({ value }) => value),
    }),
  };
}
