/** What islands and polishing need of a method: a look at its individuals, a way in for others. */
import type { Problem } from '../problem/index.js';
import type { Best, Optimizer, Status } from './optimizer.js';
import type { Population } from './population.js';

export interface PopulationMethod<S, P extends Problem = Problem> {
  readonly optimizer: Optimizer<S, P>;
  /** Points and costs, in the order of their places. */
  individuals(state: S): readonly Best[];
  /** The state with these individuals in those places: as many, with the costs they have. */
  withIndividuals(state: S, individuals: readonly Best[]): S;
}

/** A state that holds a population; what else it holds belongs to places, not to points. */
export interface PopulationState extends Population {
  readonly status: Status;
}

/** An optimiser whose state holds a population. */
export function populationMethod<S extends PopulationState, P extends Problem>(
  optimizer: Optimizer<S, P>,
): PopulationMethod<S, P> {
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
