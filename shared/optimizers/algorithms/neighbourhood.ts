/**
 * The neighbourhood search that a genetic algorithm and simulated annealing are special cases of,
 * for one subpopulation: Wang, Huang, Bao, "Parallel hybrid optimization strategy in inverse
 * radiotherapy planning" (Journal of Software, 2009). In a generation, pairs are crossed and
 * mutated, each change tested at the temperature; then each point is annealed at it. Without
 * samples it is a genetic algorithm, without evolution it is parallel annealing. Islands make
 * many subpopulations of it.
 */
import { RandomStream } from '@isola/kernels/random';
import { feasibleStart, type Image, type Problem } from '../problem/index.js';
import { type Ranges, rangesOf } from '../variation/index.js';
import { firstPoints } from './first-points.js';
import { annealed } from './neighbourhood-annealing.js';
import { evolved } from './neighbourhood-evolution.js';
import { pointMover } from './neighbourhood-moves.js';
import { type Neighbour, pricedNeighbours } from './neighbourhood-point.js';
import {
  checkedNeighbourhood,
  type NeighbourhoodOptions,
  type NeighbourhoodSettings,
} from './neighbourhood-settings.js';
import type { Best, Optimizer, Status } from './optimizer.js';
import { bestMember } from './population.js';
import { type PopulationMethod, populationMethod } from './population-method.js';

/**
 * Plain data; no array of it is ever changed. Images say nothing that the points do not say; but
 * for rounding, so a state goes on to the same bits with and without them only where they are left
 * out, which is after each epoch.
 */
export interface NeighbourhoodState {
  readonly status: Status;
  readonly seed: number;
  readonly generation: number;
  readonly temperature: number;
  readonly population: readonly Float64Array[];
  readonly values: Float64Array;
  /** One a point, null where it is to be computed first; empty where all are. */
  readonly images: readonly (Image | null)[];
  /** Lengths of the next changes tried of each variable, by place. */
  readonly steps: readonly Float64Array[];
  /** The best so far; it may have been left since. */
  readonly best: Best;
}

/** First steps of the moves, over the width of the range. */
const FIRST_STEP = 0.1;

/** @throws InputError for a setting outside its range, and from `init` for a radius not given */
export function neighbourhood(options: NeighbourhoodOptions = {}): Optimizer<NeighbourhoodState> {
  const settings = checkedNeighbourhood(options);
  const { temperature, cooling, cooledEvery, epochGenerations } = settings;
  const ranges = (problem: Problem) => rangesOf(problem, 'initialRadius', options.initialRadius);
  return {
    async init(problem, start, seed) {
      const x = feasibleStart(problem, start);
      const within = ranges(problem);
      const random = new RandomStream(seed, 'neighbourhood start');
      const count = 2 * settings.pairs + 1;
      const points = firstPoints(x, within, count, random, options.initialRadius);
      const neighbours = await pricedNeighbours(problem, points);
      const steps = points.map(() => within.width.map((width) => FIRST_STEP * width));
      const members = membersOf(neighbours);
      const status = within.width.every((width) => width === 0) ? 'converged' : 'running';
      const best = bestMember(members);
      return { status, seed, generation: 0, temperature, ...members, steps, best };
    },
    async step(problem, state) {
      const neighbours = await neighboursOf(problem, state);
      const next = await generationOf(problem, ranges(problem), settings, state, neighbours);
      const generation = state.generation + 1;
      const isEpoch = generation % epochGenerations === 0;
      const isCooled = isEpoch || cooledEvery === 'generation';
      return {
        ...next,
        ...{ generation, images: isEpoch ? [] : next.images },
        temperature: isCooled ? cooling * state.temperature : state.temperature,
      };
    },
    status: (state) => state.status,
    best: bestOf,
  };
}

/** The neighbourhood search for islands and for polishing. */
export function neighbourhoodPopulation(
  options: NeighbourhoodOptions = {},
): PopulationMethod<NeighbourhoodState> {
  const method = populationMethod(neighbourhood(options));
  return {
    ...method,
    // Images of who is new are computed with the next generation.
    withIndividuals: (state, individuals) => ({
      ...method.withIndividuals(state, individuals),
      images: state.images.map((image, place) =>
        individuals[place].x === state.population[place] ? image : null,
      ),
    }),
  };
}

/** Who came from elsewhere may be better than the best so far. */
function bestOf(state: NeighbourhoodState): Best {
  const member = bestMember(state);
  return member.value < state.best.value ? member : state.best;
}

/** Evolution, then annealing. */
async function generationOf(
  problem: Problem,
  ranges: Ranges,
  settings: NeighbourhoodSettings,
  state: NeighbourhoodState,
  neighbours: readonly Neighbour[],
): Promise<NeighbourhoodState> {
  const { seed, generation } = state;
  const kT = settings.boltzmann * state.temperature;
  const shared = { settings, ranges, kT, generation };
  let best = bestOf(state);
  let next = [...neighbours];
  if (settings.evolution) {
    const random = new RandomStream(seed, 'neighbourhood evolution');
    next = await evolved({ ...shared, problem, random }, next);
    best = betterOf(best, bestMember(membersOf(next)));
  }
  const samples = settings.samples ?? problem.size;
  if (samples === 0) return { ...state, ...membersOf(next), best };
  const random = new RandomStream(seed, 'neighbourhood annealing');
  const mover = pointMover(problem);
  const steps = state.steps.map((lengths) => Float64Array.from(lengths));
  const bestValue = best.value;
  for (const [place, neighbour] of next.entries()) {
    const annealing = { ...shared, samples, random, bestValue };
    const result = await annealed(annealing, place, mover(neighbour), steps[place]);
    next[place] = result.neighbour;
    if (result.passed !== null) best = betterOf(best, result.passed);
  }
  best = betterOf(best, bestMember(membersOf(next)));
  return { ...state, ...membersOf(next), steps, best };
}

function betterOf(a: Best, b: Best): Best {
  return b.value < a.value ? b : a;
}

type Members = Pick<NeighbourhoodState, 'population' | 'values' | 'images'>;

function membersOf(neighbours: readonly Neighbour[]): Members {
  return {
    population: neighbours.map(({ x }) => x),
    values: Float64Array.from(neighbours, ({ value }) => value),
    images: neighbours.flatMap(({ image }) => (image === null ? [] : [image])),
  };
}

/** The points of a state; those whose images were left out are priced anew. */
async function neighboursOf(
  problem: Problem,
  { population, values, images }: NeighbourhoodState,
): Promise<Neighbour[]> {
  const known = population.map((x, i) => ({ x, value: values[i], image: images[i] ?? null }));
  if (!problem.coordinateMoves) return known;
  const missing = known.filter(({ image }) => image === null);
  const priced = await pricedNeighbours(
    problem,
    missing.map(({ x }) => x),
  );
  return known.map((one) => (one.image === null ? priced[missing.indexOf(one)] : one));
}
