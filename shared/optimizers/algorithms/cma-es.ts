/**
 * CMA-ES: covariance matrix adaptation evolution strategy, with restarts.
 *
 * An iteration samples a population from a normal distribution, evaluates it, and moves and shapes
 * the distribution after the ranks (cma-es-run.ts); costs enter by their order alone. Bounds are
 * kept by a smooth map onto the box (box-transform.ts). A run that is over may be followed by one
 * from elsewhere (cma-es-restarts.ts).
 */
import { RandomStream } from '@isola/kernels/random';
import { feasibleStart, InputError, type Problem } from '../problem/index.js';
import { batchValues } from './batch-values.js';
import { boxTransform } from './box-transform.js';
import {
  defaultPopulationSize,
  firstRun,
  nextRun,
  type RestartScheme,
  type RunHistory,
} from './cma-es-restarts.js';
import { type CmaEsRun, endOf, injected, sampled, startedRun, updatedRun } from './cma-es-run.js';
import type { Best, Optimizer, Status } from './optimizer.js';
import { bestMember, type Population } from './population.js';
import { checkCount, checkPositive, checkTolerance } from './settings.js';

export interface CmaEsOptions {
  /** Samples an iteration, in the first run; 4 or more. Default 4 + floor(3 ln n). */
  readonly populationSize?: number;
  /**
   * Standard deviation of the first samples, in every variable, but never more than 0.3 of its
   * range. Default: those 0.3; to be given where a range is infinite.
   */
  readonly initialStep?: number;
  /** What follows a run that is over. Default 'none'; with the others the search has no end. */
  readonly restarts?: 'none' | RestartScheme;
  /**
   * A run is over where its last costs f differ by no more than this times max(|f|, 1).
   * Default 1e-12.
   */
  readonly valueTolerance?: number;
}

/**
 * Plain data; no array of it is ever changed. Its population are the last samples, but the best
 * point so far is in place of the worst where it would be lost; at the start, the start alone.
 */
export interface CmaEsState extends Population {
  readonly status: Status;
  readonly seed: number;
  /** Iterations of all runs. */
  readonly generation: number;
  /** Points from elsewhere that the next iteration takes for samples; they have their costs. */
  readonly injected: readonly Best[];
  /** Where the first run began; the others look around it where there are no bounds. */
  readonly start: Float64Array;
  readonly run: CmaEsRun;
  readonly history: RunHistory;
}

const MOST_RANGE = 0.3;

/** @throws InputError for a setting outside its range, and from `init` for a step not given */
export function cmaEs(options: CmaEsOptions = {}): Optimizer<CmaEsState> {
  const { populationSize, initialStep, restarts = 'none', valueTolerance = 1e-12 } = options;
  if (populationSize !== undefined) checkCount('cmaEs.populationSize', populationSize, 4);
  if (initialStep !== undefined) checkPositive('cmaEs.initialStep', initialStep);
  checkTolerance('cmaEs.valueTolerance', valueTolerance);
  return {
    async init(problem, start, seed) {
      const x = feasibleStart(problem, start);
      const size = populationSize ?? defaultPopulationSize(problem.size);
      const run = startedRun(searchSpace(problem, initialStep).meanAt(x), 1, size);
      return {
        ...{ status: 'running', seed, generation: 0, start: x, run },
        ...{ population: [x], values: Float64Array.of(await problem.value(x)), injected: [] },
        history: firstRun(size),
      };
    },
    async step(problem, state) {
      const { run, history } = state;
      const space = searchSpace(problem, initialStep);
      const { samples, points, values } = await offspring(problem, state, space);
      const next = updatedRun(run, samples, values);
      const after = {
        ...{ ...state, generation: state.generation + 1, run: next, injected: [] },
        ...withBest(points, values, bestMember(state)),
      };
      const evaluations = next.generation * run.populationSize;
      const end = endOf(next, values, valueTolerance);
      if (end === null && evaluations < history.evaluationLimit) return after;
      if (restarts !== 'none') return restarted(after, restarts, evaluations, space);
      return { ...after, status: end === 'settled' ? 'converged' : 'stalled' };
    },
    status: (state) => state.status,
    best: bestMember,
  };
}

/** Own samples and their costs, then points from elsewhere, the best ones, at most as many. */
async function offspring(problem: Problem, state: CmaEsState, space: SearchSpace) {
  const { seed, run, generation } = state;
  const { populationSize } = run;
  const external = [...state.injected]
    .sort((a, b) => a.value - b.value)
    .slice(0, Math.floor(populationSize / 2));
  const random = new RandomStream(seed, 'cma-es');
  const own = sampled(run, populationSize - external.length, random, generation);
  const points = own.map(({ step }) => space.point(run, step));
  const values = await batchValues(problem, points);
  return {
    samples: [...own, ...external.map(({ x }) => injected(run, space.stepTo(run, x)))],
    points: [...points, ...external.map(({ x }) => x)],
    values: Float64Array.of(...values, ...external.map(({ value }) => value)),
  };
}

/** Where runs live, against the box: every variable over its first step, and without bounds. */
interface SearchSpace {
  /** The mean of a run that begins at x. */
  meanAt(x: Float64Array): Float64Array;
  /** The point in the box that a step from the mean, over sigma, leads to. */
  point(run: CmaEsRun, step: Float64Array): Float64Array;
  /** A step that leads there. */
  stepTo(run: CmaEsRun, x: Float64Array): Float64Array;
  /** Somewhere in the box, evenly; where a range is infinite, about a step from the start. */
  anywhere(random: RandomStream, generation: number, start: Float64Array): Float64Array;
}

function searchSpace(problem: Problem, initialStep: number | undefined): SearchSpace {
  const { lower, upper } = problem;
  const scales = stepScales(problem, initialStep);
  const box = boxTransform(problem, scales);
  const meanAt = (x: Float64Array) => {
    const mean = new Float64Array(x.length);
    box.fromBox(x, mean);
    return mean.map((y, i) => (scales[i] > 0 ? y / scales[i] : 0));
  };
  return {
    meanAt,
    point({ mean, sigma }, step) {
      const x = mean.map((m, i) => scales[i] * (m + sigma * step[i]));
      box.toBox(x, x);
      return x;
    },
    stepTo({ mean, sigma }, x) {
      // A variable that is fixed is the same wherever the mean has wandered.
      return meanAt(x).map((y, i) => (scales[i] > 0 ? (y - mean[i]) / sigma : 0));
    },
    anywhere(random, generation, start) {
      const x = start.map((xi, i) => {
        const range = upper[i] - lower[i];
        if (range === Infinity) return xi;
        const u = random.uniform(0, generation, 1, i);
        return Math.min(upper[i], Math.max(lower[i], lower[i] + u * range));
      });
      return meanAt(x).map((m, i) => {
        if (upper[i] - lower[i] < Infinity) return m;
        return m + random.normal(0, generation, 1, i);
      });
    },
  };
}

/** Standard deviations of the first samples. */
function stepScales({ lower, upper }: Problem, initialStep: number | undefined): Float64Array {
  return lower.map((low, i) => {
    const most = MOST_RANGE * (upper[i] - low);
    if (initialStep !== undefined) return Math.min(initialStep, most);
    if (most < Infinity) return most;
    const reason = `variable ${i} ranges from ${low} to ${upper[i]}`;
    throw new InputError('cmaEs.initialStep', `is not given; needed, as ${reason}`);
  });
}

function restarted(
  state: CmaEsState,
  scheme: RestartScheme,
  evaluations: number,
  space: SearchSpace,
): CmaEsState {
  const { seed, generation, start } = state;
  const random = new RandomStream(seed, 'cma-es restart');
  const { history, populationSize, sigma } = nextRun(
    scheme,
    state.history,
    evaluations,
    random,
    generation,
  );
  const mean = space.anywhere(random, generation, start);
  return { ...state, run: startedRun(mean, sigma, populationSize), history };
}

/** The points; `best` in place of the worst where none is as good. */
function withBest(points: readonly Float64Array[], costs: Float64Array, best: Best) {
  const population = [...points];
  const values = Float64Array.from(costs);
  if (bestMember({ population, values }).value > best.value) {
    const worst = values.indexOf(values.reduce((most, value) => Math.max(most, value)));
    [population[worst], values[worst]] = [best.x, best.value];
  }
  return { population, values };
}
