/**
 * Simulated annealing: one variable at a time moves by chance; a move to a lower cost stands, one
 * to a higher cost stands with probability exp(-rise / temperature), and the temperature falls
 * (Kirkpatrick, Gelatt, Vecchi, "Optimization by simulated annealing", Science 220, 1983).
 *
 * Each variable has a step length of its own, led so that about half of its moves stand (Corana,
 * Marchesi, Martini, Ridella, "Minimizing multimodal functions of continuous variables with the
 * simulated annealing algorithm", ACM Trans. Math. Softw. 13, 1987). An iteration is a cycle: some
 * sweeps over the variables, then new step lengths and, unless the walk still falls fast, a lower
 * temperature.
 */
import { exp } from '@isola/kernels/elementary';
import { RandomStream } from '@isola/kernels/random';
import { type Bounds, feasibleStart, InputError, type Problem } from '../problem/index.js';
import { type Walk, walkFrom } from './annealing-walk.js';
import type { Best, Optimizer, Status } from './optimizer.js';
import { checkCount, checkPositive, checkTolerance } from './settings.js';

export interface AnnealingOptions {
  /**
   * 0 or more; at 0 no rise stands. Default: a thousandth of the mean change of cost over one
   * move of each variable from the start.
   */
  readonly initialTemperature?: number;
  /**
   * The temperature is multiplied by this after every cycle, but for those that still fell by more
   * than a temperature a variable. Above 0 and below 1. Default 0.5.
   */
  readonly cooling?: number;
  /** Moves of each variable in a cycle, 1 or more. Default 10. */
  readonly sweeps?: number;
  /**
   * How often a walk that has settled begins anew from the best point, with the steps and the
   * temperature it began with; 0 or more. Default 10.
   */
  readonly reheats?: number;
  /**
   * The first and longest step of every variable, but never more than its range. Default: the
   * range; to be given where that is infinite.
   */
  readonly initialStep?: number;
  /**
   * Converged where the costs f of the last cycles differ by no more than this times max(|f|, 1).
   * Default 1e-12.
   */
  readonly valueTolerance?: number;
}

/** Plain data; no array of it is ever changed. */
export interface AnnealingState {
  readonly status: Status;
  readonly seed: number;
  /** Cycles done. */
  readonly cycle: number;
  /** Times that the walk began anew. */
  readonly reheats: number;
  readonly initialTemperature: number;
  readonly temperature: number;
  /** Where the walk stands. */
  readonly x: Float64Array;
  readonly value: number;
  readonly best: Best;
  /** Longest moves now, one a variable. */
  readonly steps: Float64Array;
  /** Costs at the ends of the last cycles, the newest last. */
  readonly lastValues: Float64Array;
}

type Settings = Required<Omit<AnnealingOptions, 'initialTemperature' | 'initialStep'>>;

/** Corana et al.: step lengths stay where this part of the moves stands, and how fast they vary. */
const [LEAST_STANDING, MOST_STANDING, STEP_GAIN] = [0.4, 0.6, 2];
/** Hotter walks come lower in the end only where evaluations are many. */
const FIRST_PART = 0.001;
/** Cycles whose ends are compared; steps can fall by 3 to that power in them. */
const COMPARED = 10;

/** @throws InputError for a setting outside its range, and from `init` for a step not given */
export function annealing(options: AnnealingOptions = {}): Optimizer<AnnealingState> {
  const settings = checkedSettings(options);
  return {
    async init(problem, start, seed) {
      const x = feasibleStart(problem, start);
      const steps = longestSteps(problem, options.initialStep);
      const best = { x, value: await problem.value(x) };
      const initialTemperature =
        options.initialTemperature ??
        (await firstTemperature(problem, await walkFrom(problem, best), steps, seed));
      return {
        ...{ status: 'running', seed, cycle: 0, initialTemperature, reheats: 0, best },
        ...begun(best, steps, initialTemperature),
      };
    },
    async step(problem, state) {
      const walk = await walkFrom(problem, state);
      const random = new RandomStream(state.seed, 'annealing');
      const { best, standing } = await walked(problem, walk, state, settings.sweeps, random);
      const longest = longestSteps(problem, options.initialStep);
      const next: AnnealingState = {
        ...state,
        cycle: state.cycle + 1,
        temperature: state.temperature * (isFalling(state, walk.value) ? 1 : settings.cooling),
        ...{ x: walk.x, value: walk.value, best },
        lastValues: Float64Array.of(...state.lastValues, walk.value).slice(-COMPARED),
        steps: state.steps.map((step, i) => Math.min(longest[i], step * stepFactor(standing[i]))),
      };
      if (!hasSettled(next, settings.valueTolerance)) return next;
      if (state.reheats === settings.reheats) return { ...next, status: 'converged' };
      const { initialTemperature, reheats } = state;
      return { ...next, ...begun(best, longest, initialTemperature), reheats: reheats + 1 };
    },
    status: (state) => state.status,
    best: (state) => state.best,
  };
}

/** What a walk begins with. */
function begun({ x, value }: Best, steps: Float64Array, temperature: number) {
  return { x, value, steps, temperature, lastValues: Float64Array.of(value) };
}

/** One cycle of moves. */
async function walked(
  problem: Problem,
  walk: Walk,
  { cycle, temperature, steps, best: before }: AnnealingState,
  sweeps: number,
  random: RandomStream,
) {
  let best = before;
  const tried = new Float64Array(steps.length);
  const stood = new Float64Array(steps.length);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let i = 0; i < steps.length; i++) {
      const from = walk.x[i];
      const to = moved(problem, i, from, steps[i], random.uniform(0, cycle, sweep, 2 * i));
      if (to === from) continue;
      const priced = walk.price(i, to);
      const value = typeof priced === 'number' ? priced : await priced;
      tried[i]++;
      const luck = random.uniform(0, cycle, sweep, 2 * i + 1);
      if (!stands(value - walk.value, temperature, luck)) continue;
      walk.move(i, to, value);
      stood[i]++;
      if (value < best.value) best = { x: Float64Array.from(walk.x), value };
    }
  }
  // A variable that was never tried keeps its step.
  const standing = stood.map((count, i) => (tried[i] > 0 ? count / tried[i] : 0.5));
  return { best, standing };
}

/** A value within a step of `from` and within the bounds, each as likely. */
function moved({ lower, upper }: Bounds, i: number, from: number, step: number, u: number): number {
  const low = Math.max(lower[i], from - step);
  const high = Math.min(upper[i], from + step);
  return Math.min(high, low + u * (high - low));
}

/** Metropolis et al. 1953. */
function stands(rise: number, temperature: number, luck: number): boolean {
  return rise <= 0 || (temperature > 0 && luck < exp(-rise / temperature));
}

/** What a step length is multiplied by where this part of its moves stood. */
function stepFactor(standing: number): number {
  if (standing > MOST_STANDING) {
    return 1 + (STEP_GAIN * (standing - MOST_STANDING)) / (1 - MOST_STANDING);
  }
  if (standing < LEAST_STANDING) {
    return 1 / (1 + (STEP_GAIN * (LEAST_STANDING - standing)) / LEAST_STANDING);
  }
  return 1;
}

/** A part of the mean change of cost over one move of each variable from the start. */
async function firstTemperature(
  problem: Problem,
  walk: Walk,
  steps: Float64Array,
  seed: number,
): Promise<number> {
  const random = new RandomStream(seed, 'annealing temperature');
  let [total, count] = [0, 0];
  for (let i = 0; i < steps.length; i++) {
    const to = moved(problem, i, walk.x[i], steps[i], random.uniform(0, 0, 0, i));
    if (to === walk.x[i]) continue;
    total += Math.abs((await walk.price(i, to)) - walk.value);
    count++;
  }
  return count > 0 ? (FIRST_PART * total) / count : 0;
}

function longestSteps({ lower, upper }: Problem, initialStep = Infinity): Float64Array {
  return lower.map((low, i) => {
    const step = Math.min(initialStep, upper[i] - low);
    if (step < Infinity) return step;
    const reason = `variable ${i} ranges from ${low} to ${upper[i]}`;
    throw new InputError('annealing.initialStep', `is not given; needed, as ${reason}`);
  });
}

/**
 * Did a cycle lower the cost by more than a temperature a variable? Chance does not: where costs
 * are quadratic, at rest at a temperature T, n variables hold n T / 2 in the mean.
 */
function isFalling({ x, value, temperature }: AnnealingState, after: number): boolean {
  return value - after > temperature * x.length;
}

/** Has it cooled to the tolerance, and do the last cycles end alike? */
function hasSettled({ lastValues, temperature }: AnnealingState, tolerance: number): boolean {
  if (lastValues.length < COMPARED) return false;
  const low = lastValues.reduce((least, value) => Math.min(least, value));
  const high = lastValues.reduce((most, value) => Math.max(most, value));
  const allowed = tolerance * Math.max(1, Math.abs(low));
  return temperature <= allowed && high - low <= allowed;
}

function checkedSettings(options: AnnealingOptions): Settings {
  const place = (name: string) => `annealing.${name}`;
  const { cooling = 0.5, sweeps = 10, reheats = 10 } = options;
  const { initialTemperature = 0, initialStep, valueTolerance = 1e-12 } = options;
  checkTolerance(place('initialTemperature'), initialTemperature);
  if (!(cooling > 0 && cooling < 1)) {
    throw new InputError(place('cooling'), `is ${cooling}; allowed: above 0 and below 1`);
  }
  checkCount(place('sweeps'), sweeps, 1);
  checkCount(place('reheats'), reheats, 0);
  if (initialStep !== undefined) checkPositive(place('initialStep'), initialStep);
  checkTolerance(place('valueTolerance'), valueTolerance);
  return { cooling, sweeps, reheats, valueTolerance };
}
