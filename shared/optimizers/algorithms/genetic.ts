/**
 * A genetic algorithm on real numbers. In a generation, pairs of parents are selected, crossed and
 * mutated until there are as many children as points; the children and the elite of the parents
 * then compete for the places of the next generation. Holland, "Adaptation in natural and
 * artificial systems" (1975); Deb, "Multi-objective optimization using evolutionary algorithms"
 * (2001), chapter 4, on real numbers.
 */
import { RandomStream } from '@isola/kernels/random';
import { feasibleStart, InputError, type Problem } from '../problem/index.js';
import {
  type Crossover,
  checkCrossover,
  checkMutation,
  checkSelection,
  crossed,
  type Draws,
  drawsAt,
  drawsOfCrossover,
  drawsOfPick,
  type Mutation,
  mutatedPoint,
  type Pair,
  pickerOf,
  type Ranges,
  rangesOf,
  type Selection,
} from '../variation/index.js';
import { batchValues } from './batch-values.js';
import { firstPoints } from './first-points.js';
import type { Optimizer, Status } from './optimizer.js';
import { bestMember, isFlat, type Population, ranked } from './population.js';
import { checkCount, checkPositive, checkProbability, checkTolerance } from './settings.js';

export interface GeneticOptions {
  /** Points, 2 or more. Default 50. */
  readonly population?: number;
  /** Default: a tournament of 2. */
  readonly selection?: Selection;
  /**
   * Default: simulated binary, index 1, in 4 of 5 variables. Those that are not crossed are copies,
   * and where all points have copies of one number only mutation can move it.
   */
  readonly crossover?: Crossover;
  /** How likely a pair is crossed, 0 to 1; else the children are copies. Default 1. */
  readonly crossoverProbability?: number;
  /** Default: polynomial, index 1. */
  readonly mutation?: Mutation;
  /** How likely each variable of a child mutates, 0 to 1. Default: 0.5 over their number. */
  readonly mutationProbability?: number;
  /**
   * So many of the best compete with their children for places, 1 to `population`; all others die.
   * Default: a fifth of the population.
   */
  readonly elites?: number;
  /**
   * The first points lie within this of the start, in every variable. Default: anywhere in the
   * box. To be given where a range is infinite; there it also stands for half the range of
   * mutations.
   */
  readonly initialRadius?: number;
  /** Converged where the costs f differ by no more than this times max(|f|, 1). Default 1e-12. */
  readonly valueTolerance?: number;
}

/** Plain data; no array of it is ever changed. */
export interface GeneticState extends Population {
  readonly status: Status;
  readonly seed: number;
  readonly generation: number;
}

const MOST_VARIABLES = { kind: 'simulated-binary', index: 1, variableProbability: 0.8 } as const;

type Settings = Required<Omit<GeneticOptions, 'initialRadius' | 'mutationProbability'>>;

/** @throws InputError for a setting outside its range, and from `init` for a radius not given */
export function genetic(options: GeneticOptions = {}): Optimizer<GeneticState> {
  const settings = checkedSettings(options);
  const { elites, valueTolerance } = settings;
  const ranges = (problem: Problem) =>
    rangesOf(problem, 'genetic.initialRadius', options.initialRadius);
  return {
    async init(problem, start, seed) {
      const x = feasibleStart(problem, start);
      const random = new RandomStream(seed, 'genetic start');
      const { initialRadius: radius } = options;
      const population = firstPoints(x, ranges(problem), settings.population, random, radius);
      const values = await batchValues(problem, population);
      const status = statusOf(values, valueTolerance);
      return { status, seed, generation: 0, population, values };
    },
    async step(problem, state) {
      const { seed, generation, population, values } = state;
      const random = new RandomStream(seed, 'genetic');
      const { mutationProbability = 0.5 / problem.size } = options;
      const nursery = { settings, mutationProbability, ranges: ranges(problem), population };
      const pick = pickerOf(settings.selection, values);
      const children = Array.from({ length: Math.ceil(population.length / 2) }, (_, pair) => {
        const draws = drawsAt(random, 0, generation, pair);
        return childrenOf(nursery, pick, draws);
      })
        .flat()
        .slice(0, population.length);
      const childValues = await batchValues(problem, children);
      const elite = ranked(values).slice(0, elites);
      const rivals = [...elite.map((i) => population[i]), ...children];
      const rivalValues = Float64Array.of(...elite.map((i) => values[i]), ...childValues);
      const survivors = ranked(rivalValues).slice(0, population.length);
      const next = Float64Array.from(survivors, (i) => rivalValues[i]);
      return {
        status: statusOf(next, valueTolerance),
        ...{ seed, generation: generation + 1 },
        population: survivors.map((i) => rivals[i]),
        values: next,
      };
    },
    status: (state) => state.status,
    best: bestMember,
  };
}

/** What children of a generation are made from. */
interface Nursery {
  readonly settings: Settings;
  readonly mutationProbability: number;
  readonly ranges: Ranges;
  readonly population: readonly Float64Array[];
}

/** Two children of two parents. */
function childrenOf(
  { settings, mutationProbability, ranges, population }: Nursery,
  pick: (draws: Draws, first: number) => number,
  draws: Draws,
): Pair {
  const { selection, crossover, crossoverProbability, mutation } = settings;
  const size = ranges.width.length;
  let next = 0;
  const take = (count: number) => {
    next += count;
    return next - count;
  };
  const parent = () => population[pick(draws, take(drawsOfPick(selection)))];
  const parents: Pair = [parent(), parent()];
  const isCrossed = draws.uniform(take(1)) < crossoverProbability;
  const first = take(drawsOfCrossover(size));
  const children = isCrossed ? crossed(crossover, parents, ranges, draws, first) : parents;
  const child = (x: Float64Array) =>
    mutatedPoint(mutation, x, mutationProbability, ranges, draws, take(2 * size));
  return [child(children[0]), child(children[1])];
}

function statusOf(values: Float64Array, tolerance: number): Status {
  return isFlat(values, tolerance) ? 'converged' : 'running';
}

function checkedSettings(options: GeneticOptions): Settings {
  const place = (name: string) => `genetic.${name}`;
  const { population = 50, valueTolerance = 1e-12, initialRadius } = options;
  const { elites = Math.max(1, Math.round(population / 5)) } = options;
  const { selection = { kind: 'tournament', size: 2 } } = options;
  const { crossover = MOST_VARIABLES } = options;
  const { mutation = { kind: 'polynomial', index: 1 } } = options;
  const { crossoverProbability = 1, mutationProbability = 0 } = options;
  checkCount(place('population'), population, 2);
  checkSelection(place('selection'), selection);
  checkCrossover(place('crossover'), crossover);
  checkMutation(place('mutation'), mutation);
  for (const [name, value] of Object.entries({ crossoverProbability, mutationProbability })) {
    checkProbability(place(name), value);
  }
  if (!(Number.isInteger(elites) && elites >= 1 && elites <= population)) {
    const allowed = `an integer from 1 to the population, ${population}`;
    throw new InputError(place('elites'), `is ${elites}; allowed: ${allowed}`);
  }
  if (initialRadius !== undefined) checkPositive(place('initialRadius'), initialRadius);
  checkTolerance(place('valueTolerance'), valueTolerance);
  return {
    ...{ population, selection, crossover, crossoverProbability, mutation, elites },
    valueTolerance,
  };
}
