import {
  type CmaEsState,
  type Optimizer,
  type PopulationMethod,
  populationMethod,
} from '../algorithms/index.js';
import type { Problem } from '../problem/index.js';

/**
 * CMA-ES as islands see it. Its last samples are the individuals; who comes from elsewhere also
 * takes the place of one of the next samples, and so pulls the distribution its way.
 */
export function cmaEsIsland<P extends Problem>(
  optimizer: Optimizer<CmaEsState, P>,
): PopulationMethod<CmaEsState, P> {
  const method = populationMethod(optimizer);
  return {
    ...method,
    withIndividuals: (state, individuals) => ({
      ...method.withIndividuals(state, individuals),
      injected: [
        ...state.injected,
        ...individuals.filter(({ x }, place) => x !== state.population[place]),
      ],
    }),
  };
}
