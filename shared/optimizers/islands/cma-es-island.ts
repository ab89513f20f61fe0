import type { CmaEsState, Optimizer } from '../algorithms/index.js';
import type { Problem } from '../problem/index.js';
import { type IslandAlgorithm, populationIsland } from './island-algorithm.js';

/**
 * CMA-ES as islands see it. Its last samples are the individuals; who comes from elsewhere also
 * takes the place of one of the next samples, and so pulls the distribution its way.
 */
export function cmaEsIsland<P extends Problem>(
  optimizer: Optimizer<CmaEsState, P>,
): IslandAlgorithm<CmaEsState, P> {
  const island = populationIsland(optimizer);
  return {
    ...island,
    withIndividuals: (state, individuals) => ({
      ...island.withIndividuals(state, individuals),
      injected: [
        ...state.injected,
        ...individuals.filter(({ x }, place) => x !== state.population[place]),
      ],
    }),
  };
}
