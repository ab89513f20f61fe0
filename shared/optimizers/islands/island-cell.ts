import { RandomStream } from '@isola/kernels/random';
import type { Best, PopulationMethod } from '../algorithms/index.js';
import { checkCount } from '../algorithms/settings.js';
import type { Problem } from '../problem/index.js';
import type { Advance } from './cell.js';
import { countedProblem } from './counted-problem.js';
import { admitted, immigrate, type Migration } from './immigrate.js';

export interface IslandCellOptions {
  readonly migration: Migration;
  /** Iterations of the algorithm in an epoch, 1 or more. */
  readonly generations: number;
  /** Where an island begins. */
  readonly start: (island: number) => Float64Array;
}

/**
 * Cells of an algorithm: immigrants come in, some generations go by, emigrants leave.
 * @throws InputError unless there is a generation in an epoch
 */
export function islandCell<S, P extends Problem>(
  { optimizer, individuals, withIndividuals }: PopulationMethod<S, P>,
  problem: P,
  { migration, generations, start }: IslandCellOptions,
): Advance<S, Best> {
  checkCount('generations', generations, 1);
  const { topology, enter, leave } = migration;
  return async (cell) => {
    const { seed, island } = cell;
    const counted = countedProblem(problem);
    const begin = () => optimizer.init(counted.problem, start(island), islandSeed(seed, island));
    let state: S = cell.state === null ? await begin() : cell.state;
    const immigrants = admitted(topology, cell);
    if (immigrants.length > 0) {
      const residents = individuals(state);
      state = withIndividuals(state, immigrate(residents, immigrants, enter, cell));
    }
    for (let done = 0; done < generations && optimizer.status(state) === 'running'; done++) {
      state = await optimizer.step(counted.problem, state);
    }
    const { value } = optimizer.best(state);
    const statistics = { value, evaluations: counted.count() };
    return { state, emigrants: leave(individuals(state), cell), statistics };
  };
}

/** A seed of each island's own, in [0, 2^53). */
function islandSeed(seed: number, island: number): number {
  const stream = new RandomStream(seed, 'island');
  const [high, low] = [0, 1].map((draw) => stream.uint32(island, 0, 0, draw));
  return (high >>> 11) * 4294967296 + low;
}
