/**
 * Which run of CMA-ES follows one that is over.
 *
 * IPOP doubles the population each time: Auger, Hansen, "A restart CMA evolution strategy with
 * increasing population size", CEC 2005. BIPOP lets large runs, which double, alternate with small
 * ones of random size and step, so that either kind gets half of the evaluations: Hansen,
 * "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed", GECCO 2009.
 */
import { log, pow } from '@isola/kernels/elementary';
import type { RandomStream } from '@isola/kernels/random';

export type RestartScheme = 'ipop' | 'bipop';

/** The runs so far. Plain data. */
export interface RunHistory {
  /** Population of the first run. */
  readonly firstSize: number;
  /** Of the run that goes on. */
  readonly kind: 'first' | 'large' | 'small';
  /** Population of the last large run. */
  readonly largeSize: number;
  /** Evaluations of runs that are over. */
  readonly largeEvaluations: number;
  readonly smallEvaluations: number;
  /** Evaluations after which the run that goes on is over, whatever it finds. */
  readonly evaluationLimit: number;
}

/** How a run begins. */
export interface NextRun {
  readonly history: RunHistory;
  readonly populationSize: number;
  /** Part of the first run's step. */
  readonly sigma: number;
}

/** Population of a first run: Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), table 1. */
export function defaultPopulationSize(n: number): number {
  return 4 + Math.floor(3 * log(n));
}

export function firstRun(firstSize: number): RunHistory {
  const evaluations = { largeEvaluations: 0, smallEvaluations: 0, evaluationLimit: Infinity };
  return { firstSize, kind: 'first', largeSize: firstSize, ...evaluations };
}

/**
 * @param evaluations of the run that is over
 * @param generation names the place of the draws in the stream
 */
export function nextRun(
  scheme: RestartScheme,
  before: RunHistory,
  evaluations: number,
  random: RandomStream,
  generation: number,
): NextRun {
  const { firstSize, kind } = before;
  const largeEvaluations = before.largeEvaluations + (kind === 'large' ? evaluations : 0);
  const smallEvaluations = before.smallEvaluations + (kind === 'small' ? evaluations : 0);
  const spent = { ...before, largeEvaluations, smallEvaluations };
  if (scheme === 'ipop' || smallEvaluations >= largeEvaluations) {
    const largeSize = 2 * before.largeSize;
    const history: RunHistory = { ...spent, kind: 'large', largeSize, evaluationLimit: Infinity };
    return { history, populationSize: largeSize, sigma: 1 };
  }
  // A small run has half of what the last large one took, and a size up to half of its.
  const limit = kind === 'large' ? evaluations / 2 : before.evaluationLimit;
  const u = random.uniform(0, generation, 0, 0);
  const size = Math.floor(firstSize * pow(before.largeSize / firstSize / 2, u * u));
  const sigma = pow(10, -2 * random.uniform(0, generation, 0, 1));
  const history: RunHistory = { ...spent, kind: 'small', evaluationLimit: limit };
  return { history, populationSize: size, sigma };
}
