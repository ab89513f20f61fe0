/**
 * Differential evolution: each point of a population is challenged by one that shares some of its
 * variables and takes the others from a point moved along the difference of two more; the better
 * of the two stays. Storn, Price, "Differential evolution", J. Glob. Optim. 11 (1997); binomial
 * crossover.
 *
 * How far the difference is followed (F) and how many variables change (CR) are fixed; or carried
 * by each point, drawn anew now and then and kept where they won (jDE: Brest et al.,
 * "Self-adapting control parameters in differential evolution", IEEE Trans. Evol. Comput. 10,
 * 2006); or drawn near what won lately (success-history.ts).
 */
import { RandomStream } from '@isola/kernels/random';
import { feasibleStart, InputError } from '../problem/index.js';
import { rangesOf } from '../variation/index.js';
import { batchValues } from './batch-values.js';
import { type DifferentialStrategy, trialPoint } from './differential-trial.js';
import { firstPoints } from './first-points.js';
import type { Optimizer, Status } from './optimizer.js';
import { bestMember, isFlat, type Population, ranked } from './population.js';
import { checkCount, checkPositive, checkProbability, checkTolerance } from './settings.js';
import {
  drawnNear,
  emptyHistory,
  type Success,
  type SuccessHistory,
  updatedHistory,
} from './success-history.js';

export interface DifferentialEvolutionOptions {
  /** Points, 4 or more. Default 50. */
  readonly populationSize?: number;
  /** Default 'current-to-pbest/1' with adaptation 'success-history', else 'rand/1'. */
  readonly strategy?: DifferentialStrategy;
  /** Where F and CR come from. Default 'success-history', which asks for least evaluations. */
  readonly adaptation?: 'fixed' | 'jde' | 'success-history';
  /** F where it is fixed, above 0 up to 2. Default 0.5. */
  readonly factor?: number;
  /** CR where it is fixed, 0 to 1. Default 0.9. */
  readonly crossoverRate?: number;
  /**
   * The first points lie within this of the start, in every variable. Default: anywhere in the
   * box; to be given where a range is infinite.
   */
  readonly initialRadius?: number;
  /** Converged where the costs f differ by no more than this times max(|f|, 1). Default 1e-12. */
  readonly valueTolerance?: number;
}

/** Plain data; no array of it is ever changed. */
export interface DifferentialEvolutionState extends Population {
  readonly status: Status;
  readonly seed: number;
  readonly generation: number;
  /** F and CR that each point came with. */
  readonly factors: Float64Array;
  readonly rates: Float64Array;
  readonly history: SuccessHistory;
  /** Points that were beaten, as many as the population at most. */
  readonly archive: readonly Float64Array[];
}

type Settings = Required<Omit<DifferentialEvolutionOptions, 'initialRadius'>>;

/** jDE: how often F and CR are drawn anew, and the ends of F. */
const RENEWAL_RATE = 0.1;
const [LEAST_FACTOR, MOST_FACTOR] = [0.1, 1];
/** Draws of an individual in a generation. */
const [RENEW_FACTOR, NEW_FACTOR, RENEW_RATE, NEW_RATE] = [0, 1, 2, 3];

/** @throws InputError for a setting outside its range, and from `init` for a radius not given */
export function differentialEvolution(
  options: DifferentialEvolutionOptions = {},
): Optimizer<DifferentialEvolutionState> {
  const settings = checkedSettings(options);
  const { populationSize, strategy, valueTolerance } = settings;
  return {
    async init(problem, start, seed) {
      const x = feasibleStart(problem, start);
      const random = new RandomStream(seed, 'differential evolution start');
      const { initialRadius } = options;
      const within = rangesOf(problem, 'differentialEvolution.initialRadius', initialRadius);
      const population = firstPoints(x, within, populationSize, random, initialRadius);
      const values = await batchValues(problem, population);
      return {
        ...{ seed, generation: 0, population, values },
        status: statusOf(values, valueTolerance),
        factors: new Float64Array(populationSize).fill(settings.factor),
        rates: new Float64Array(populationSize).fill(settings.crossoverRate),
        history: emptyHistory(populationSize),
        archive: [],
      };
    },
    async step(problem, state) {
      const { seed, generation, population, values, archive } = state;
      const random = new RandomStream(seed, 'differential evolution');
      const source = {
        ...{ strategy, population, archive, bounds: problem, random, generation },
        ranked: ranked(values),
      };
      const controls = population.map((_, i) => controlsOf(state, settings, random, i));
      const trials = controls.map(({ factor, rate }, i) => trialPoint(source, i, factor, rate));
      const trialValues = await batchValues(problem, trials);
      return survivors(state, settings, { controls, trials, trialValues }, random);
    },
    status: (state) => state.status,
    best: bestMember,
  };
}

interface Controls {
  readonly factor: number;
  readonly rate: number;
}

/** What a generation tried. */
interface Trials {
  readonly controls: readonly Controls[];
  readonly trials: readonly Float64Array[];
  readonly trialValues: Float64Array;
}

/** F and CR of the challenger of point i. */
function controlsOf(
  { factors, rates, history, generation }: DifferentialEvolutionState,
  { adaptation }: Settings,
  random: RandomStream,
  i: number,
): Controls {
  if (adaptation === 'success-history') return drawnNear(history, random, generation, i);
  const [factor, rate] = [factors[i], rates[i]];
  if (adaptation === 'fixed') return { factor, rate };
  const draw = (place: number) => random.uniform(0, generation, i, place);
  const drawnFactor = LEAST_FACTOR + draw(NEW_FACTOR) * (MOST_FACTOR - LEAST_FACTOR);
  return {
    factor: draw(RENEW_FACTOR) < RENEWAL_RATE ? drawnFactor : factor,
    rate: draw(RENEW_RATE) < RENEWAL_RATE ? draw(NEW_RATE) : rate,
  };
}

/** The next generation: of each point and its challenger the better; the newer where equal. */
function survivors(
  state: DifferentialEvolutionState,
  { strategy, valueTolerance }: Settings,
  { controls, trials, trialValues }: Trials,
  random: RandomStream,
): DifferentialEvolutionState {
  const { generation } = state;
  const population = [...state.population];
  const values = Float64Array.from(state.values);
  const factors = Float64Array.from(state.factors);
  const rates = Float64Array.from(state.rates);
  const archive = [...state.archive];
  const successes: Success[] = [];
  for (const [i, { factor, rate }] of controls.entries()) {
    if (!(trialValues[i] <= values[i])) continue;
    const gain = values[i] - trialValues[i];
    if (gain > 0) {
      successes.push({ factor, rate, gain });
      if (strategy === 'current-to-pbest/1') archive.push(population[i]);
    }
    population[i] = trials[i];
    [values[i], factors[i], rates[i]] = [trialValues[i], factor, rate];
  }
  for (let k = 0; archive.length > population.length; k++) {
    archive.splice(random.integer(archive.length, 0, generation, population.length, k), 1);
  }
  return {
    ...state,
    status: statusOf(values, valueTolerance),
    ...{ generation: generation + 1, population, values, factors, rates, archive },
    history: updatedHistory(state.history, successes),
  };
}

function statusOf(values: Float64Array, tolerance: number): Status {
  return isFlat(values, tolerance) ? 'converged' : 'running';
}

function checkedSettings(options: DifferentialEvolutionOptions): Settings {
  const { populationSize = 50, adaptation = 'success-history' } = options;
  const { factor = 0.5, crossoverRate = 0.9, valueTolerance = 1e-12, initialRadius } = options;
  const favoured = adaptation === 'success-history' ? 'current-to-pbest/1' : 'rand/1';
  const place = (name: string) => `differentialEvolution.${name}`;
  checkCount(place('populationSize'), populationSize, 4);
  checkTolerance(place('valueTolerance'), valueTolerance);
  if (!(factor > 0 && factor <= 2)) {
    throw new InputError(place('factor'), `is ${factor}; allowed: above 0, at most 2`);
  }
  checkProbability(place('crossoverRate'), crossoverRate);
  if (initialRadius !== undefined) checkPositive(place('initialRadius'), initialRadius);
  const { strategy = favoured } = options;
  return { populationSize, strategy, adaptation, factor, crossoverRate, valueTolerance };
}
