/**
 * One generation of the evolution: crossover, then mutation, each tested at the temperature. All
 * pairs are drawn from the points as they were, so the costs of all children can be computed in
 * one pass; the tests are then made in the order of the pairs.
 */
import type { RandomStream } from '@isola/kernels/random';
import type { Image, Problem } from '../problem/index.js';
import {
  blended,
  blendFactor,
  crossed,
  type Draws,
  drawsAt,
  drawsOfCrossover,
  mutatedPoint,
  type Ranges,
} from '../variation/index.js';
import { isAccepted } from './neighbourhood-acceptance.js';
import {
  blendedImage,
  movedNeighbours,
  type Neighbour,
  pricedNeighbours,
} from './neighbourhood-point.js';
import type { NeighbourhoodSettings } from './neighbourhood-settings.js';

export interface Generation {
  readonly problem: Problem;
  readonly settings: NeighbourhoodSettings;
  readonly ranges: Ranges;
  /** Temperature times k. */
  readonly kT: number;
  readonly random: RandomStream;
  readonly generation: number;
}

/** Draws of a pair in a generation. */
const [FIRST, SECOND, CROSSED, ENTER, ENTER_SECOND, MUTATE] = [0, 1, 2, 3, 4, 5];
const VARIATION = 6;

interface PairOfPlaces {
  readonly first: number;
  readonly second: number;
  readonly draws: Draws;
}

/** The points after a generation; those that stay are the same objects. */
export async function evolved(
  generation: Generation,
  neighbours: readonly Neighbour[],
): Promise<Neighbour[]> {
  const { settings, random } = generation;
  const count = neighbours.length;
  const pairs = Array.from({ length: settings.pairs }, (_, j): PairOfPlaces => {
    const draws = drawsAt(random, 0, generation.generation, j);
    const first = draws.integer(count, FIRST);
    const second = (first + 1 + draws.integer(count - 1, SECOND)) % count;
    return { first, second, draws };
  });
  const next = await withChildren(generation, neighbours, pairs);
  return withMutants(generation, next, pairs);
}

async function withChildren(
  generation: Generation,
  neighbours: readonly Neighbour[],
  pairs: readonly PairOfPlaces[],
): Promise<Neighbour[]> {
  const { settings, kT } = generation;
  const { crossoverProbability, secondChild, against } = settings;
  const couples = pairs.filter(({ draws }) => draws.uniform(CROSSED) < crossoverProbability);
  const isTested = secondChild === 'tested';
  const families = await childrenOf(generation, neighbours, couples, isTested ? 2 : 1);
  const next = [...neighbours];
  const enter = (place: number, child: Neighbour, rival: number, u: number) => {
    if (isAccepted(child.value - neighbours[rival].value, kT, u)) next[place] = child;
  };
  for (const [k, { first, second, draws }] of couples.entries()) {
    const isCross = against === 'second';
    enter(first, families[k][0], isCross ? second : first, draws.uniform(ENTER));
    if (!isTested) continue;
    enter(second, families[k][1], isCross ? first : second, draws.uniform(ENTER_SECOND));
  }
  return next;
}

/** The first `count` children of each couple. */
async function childrenOf(
  { problem, settings, ranges }: Generation,
  neighbours: readonly Neighbour[],
  couples: readonly PairOfPlaces[],
  count: number,
): Promise<Neighbour[][]> {
  const { crossover } = settings;
  if (crossover.kind === 'blend' && problem.coordinateMoves) {
    const { coordinateMoves } = problem;
    return couples.map(({ first, second, draws }) => {
      const factor = blendFactor(draws, VARIATION);
      const parents = [neighbours[first], neighbours[second]];
      return [parents, parents.toReversed()].slice(0, count).map(([a, b]) => {
        const image = blendedImage(imageOf(a), imageOf(b), factor);
        const x = blended(a.x, b.x, factor);
        return { x, image, value: coordinateMoves.imageValue(x, image) };
      });
    });
  }
  const points = couples.flatMap(({ first, second, draws }) => {
    const parents = [neighbours[first].x, neighbours[second].x] as const;
    return crossed(crossover, parents, ranges, draws, VARIATION).slice(0, count);
  });
  const priced = await pricedNeighbours(problem, points);
  return couples.map((_, k) => priced.slice(count * k, count * (k + 1)));
}

function imageOf({ image }: Neighbour): Image {
  if (image === null) throw new Error('a point has no image though the problem offers images');
  return image;
}

/** Each place that was first of a pair has one turn, with the draws of the first such pair. */
async function withMutants(
  { problem, settings, ranges, kT }: Generation,
  neighbours: readonly Neighbour[],
  pairs: readonly PairOfPlaces[],
): Promise<Neighbour[]> {
  const { mutation, mutationProbability } = settings;
  const start = VARIATION + drawsOfCrossover(problem.size);
  const turns = pairs
    .filter(({ first }, j) => pairs.findIndex((pair) => pair.first === first) === j)
    .map(({ first, draws }) => {
      const { x } = neighbours[first];
      const mutant = mutatedPoint(mutation, x, mutationProbability, ranges, draws, start);
      return { place: first, draws, mutant };
    })
    .filter(({ place, mutant }) => mutant.some((xi, i) => xi !== neighbours[place].x[i]));
  const mutants = turns.map(({ place, mutant }) => ({ from: neighbours[place], to: mutant }));
  const priced = await movedNeighbours(problem, mutants);
  const next = [...neighbours];
  for (const [k, { place, draws }] of turns.entries()) {
    const rise = priced[k].value - neighbours[place].value;
    if (isAccepted(rise, kT, draws.uniform(MUTATE))) next[place] = priced[k];
  }
  return next;
}
