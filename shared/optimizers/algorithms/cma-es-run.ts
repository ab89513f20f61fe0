/**
 * One run of CMA-ES, from its start to where it stops: a normal distribution that is sampled, and
 * moved and shaped after the samples' ranks. It works in a space of its own, in which the first
 * standard deviation of every variable is 1, and knows neither bounds nor costs.
 *
 * Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), arXiv:1604.00772: (mu/mu_w, lambda) with
 * cumulative step-size adaptation, rank-one and active rank-mu update; its samples are mirrored and
 * at right angles (cma-es-sampling.ts).
 */
import { exp, pow } from '@isola/kernels/elementary';
import type { RandomStream } from '@isola/kernels/random';
import { axpy, dot } from '@isola/kernels/vector';
import { cmaEsConstants } from './cma-es-constants.js';
import { mirroredNormals } from './cma-es-sampling.js';
import { isFlat, ranked } from './population.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** Plain data; no array of it is ever changed. */
export interface CmaEsRun {
  readonly populationSize: number;
  /** Iterations of this run. */
  readonly generation: number;
  readonly mean: Float64Array;
  /** Step size; `firstSigma` at the start of the run. */
  readonly sigma: number;
  readonly firstSigma: number;
  /** n x n, row by row. */
  readonly covariance: Float64Array;
  /** Eigenvectors of the covariance at `eigenGeneration`, one a row. */
  readonly axes: Float64Array;
  /** Square roots of its eigenvalues, ascending. */
  readonly axisLengths: Float64Array;
  readonly eigenGeneration: number;
  readonly sigmaPath: Float64Array;
  readonly covariancePath: Float64Array;
  /** Best cost of each of the last generations. */
  readonly recentBest: readonly number[];
}

/** A step from the mean, over sigma, and the normal numbers along the axes that it is made of. */
export interface Sample {
  readonly normal: Float64Array;
  readonly step: Float64Array;
}

/** Squared length of normal numbers that only a point from elsewhere, at the mean, comes below. */
const LEAST_LENGTH = 1e-12;

/** Why a run is over: nothing to gain nearby, or numerically at its end. */
export type RunEnd = 'settled' | 'degenerate';

/** A run whose spread grew or shrank by more than this is over. */
const MOST_GROWTH = 1e4;
const LEAST_SHRINKAGE = 1e-12;
/** And one whose covariance has a worse condition. */
const MOST_CONDITION = 1e14;

export function startedRun(mean: Float64Array, sigma: number, populationSize: number): CmaEsRun {
  const n = mean.length;
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  return {
    ...{ populationSize, mean, sigma, firstSigma: sigma },
    ...{ covariance: identity, axes: identity, axisLengths: new Float64Array(n).fill(1) },
    ...{ generation: 0, eigenGeneration: 0, recentBest: [] },
    ...{ sigmaPath: new Float64Array(n), covariancePath: new Float64Array(n) },
  };
}

/** @param generation names the place of the draws in the stream; not that of the run */
export function sampled(
  { axes, axisLengths }: CmaEsRun,
  count: number,
  random: RandomStream,
  generation: number,
): Sample[] {
  return mirroredNormals(axisLengths.length, count, random, generation).map((normal) => {
    const alongAxes = normal.map((z, i) => z * axisLengths[i]);
    return { normal, step: combined(axes, alongAxes) };
  });
}

/**
 * A step to a point from elsewhere as a sample, shortened to a length that samples have: Hansen,
 * "Injecting external solutions into CMA-ES" (2011), arXiv:1110.4181, with the bound given there.
 */
export function injected({ axes, axisLengths }: CmaEsRun, step: Float64Array): Sample {
  const n = step.length;
  // Where the distribution has no width its samples have no normal number but 0.
  const normal = axisLengths.map((length, k) =>
    length > 0 ? dot(axes.subarray(k * n, (k + 1) * n), step) / length : 0,
  );
  const most = Math.sqrt(n) + (2 * n) / (n + 2);
  const factor = Math.min(1, most / Math.sqrt(dot(normal, normal)));
  return { normal: decayed(normal, factor), step: decayed(step, factor) };
}

/** The run after an iteration. @param values costs of the samples */
export function updatedRun(
  run: CmaEsRun,
  samples: readonly Sample[],
  values: Float64Array,
): CmaEsRun {
  const { populationSize, mean, sigma } = run;
  const n = mean.length;
  const constants = cmaEsConstants(n, populationSize);
  const { weights, mu, pathMass, cSigma, dSigma, cC, chiN } = constants;
  const order = ranked(values);
  const step = new Float64Array(n);
  const normal = new Float64Array(n);
  for (let r = 0; r < mu; r++) {
    axpy(weights[r], samples[order[r]].step, step);
    axpy(weights[r], samples[order[r]].normal, normal);
  }
  const generation = run.generation + 1;
  // C^(-1/2) of the mean step is the mean of the normal numbers, turned to the axes.
  const isotropic = combined(run.axes, normal);
  const sigmaPath = decayed(run.sigmaPath, 1 - cSigma);
  axpy(Math.sqrt(cSigma * (2 - cSigma) * pathMass), isotropic, sigmaPath);
  const length = Math.sqrt(dot(sigmaPath, sigmaPath));
  const expected = Math.sqrt(1 - pow(1 - cSigma, 2 * generation)) * chiN;
  const isSteady = length < (1.4 + 2 / (n + 1)) * expected;
  const covariancePath = decayed(run.covariancePath, 1 - cC);
  if (isSteady) axpy(Math.sqrt(cC * (2 - cC) * pathMass), step, covariancePath);
  const covariance = shaped(run, samples, order, constants, covariancePath, isSteady);
  const isDue = generation - run.eigenGeneration >= constants.eigenInterval;
  const kept = Math.ceil((30 * n) / populationSize) + 10;
  const nextMean = Float64Array.from(mean);
  axpy(sigma, step, nextMean);
  return {
    ...run,
    ...{ generation, mean: nextMean, covariance, sigmaPath, covariancePath },
    // A single iteration changes the step size by no more than a factor e.
    sigma: sigma * exp(Math.min(1, (cSigma / dSigma) * (length / chiN - 1))),
    ...(isDue && { ...axesOf(covariance, n), eigenGeneration: generation }),
    recentBest: [...run.recentBest, values[order[0]]].slice(-kept),
  };
}

/**
 * Whether and how a run is over, after Hansen, "Benchmarking a BI-population CMA-ES on the
 * BBOB-2009 function testbed" (2009): no change of the best costs, of x, bad condition, too long.
 * @param tolerance changes of the cost f that are none, as part of max(|f|, 1)
 */
export function endOf(run: CmaEsRun, values: Float64Array, tolerance: number): RunEnd | null {
  const { populationSize, generation, sigma, firstSigma, axisLengths, recentBest } = run;
  const n = axisLengths.length;
  const isLong = recentBest.length >= Math.ceil((30 * n) / populationSize) + 10;
  if (isLong && isFlat([...recentBest, ...values], tolerance)) return 'settled';
  const [shortest, longest] = [axisLengths[0], axisLengths[n - 1]];
  const growth = sigma / firstSigma;
  if (growth * longest < LEAST_SHRINKAGE) return 'settled';
  const most = 100 + (50 * (n + 3) * (n + 3)) / Math.sqrt(populationSize);
  if (generation >= most || growth * longest > MOST_GROWTH) return 'degenerate';
  if (!(longest * longest <= MOST_CONDITION * shortest * shortest)) return 'degenerate';
  return null;
}

/** The covariance after rank-one and rank-mu update. */
function shaped(
  { covariance }: CmaEsRun,
  samples: readonly Sample[],
  order: readonly number[],
  { weights, c1, cMu, cC }: ReturnType<typeof cmaEsConstants>,
  path: Float64Array,
  isSteady: boolean,
): Float64Array {
  const n = path.length;
  const lost = isSteady ? 0 : c1 * cC * (2 - cC);
  let keep = 1 - c1 + lost;
  for (const weight of weights) keep -= cMu * weight;
  const next = decayed(covariance, keep);
  addOuter(next, c1, path);
  for (const [r, k] of order.entries()) {
    const { normal, step } = samples[k];
    // A bad step counts by its direction only, so that the covariance stays positive definite.
    const scale = weights[r] < 0 ? n / Math.max(dot(normal, normal), LEAST_LENGTH) : 1;
    addOuter(next, cMu * weights[r] * scale, step);
  }
  return next;
}

function axesOf(covariance: Float64Array, n: number) {
  const { values, vectors } = symmetricEigen(covariance, n);
  return { axes: vectors, axisLengths: values.map((value) => Math.sqrt(Math.max(0, value))) };
}

/** sum_k factors[k] axis_k */
function combined(axes: Float64Array, factors: Float64Array): Float64Array {
  const n = factors.length;
  const out = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const factor = factors[k];
    for (let i = 0; i < n; i++) out[i] += factor * axes[k * n + i];
  }
  return out;
}

function decayed(a: Float64Array, factor: number): Float64Array {
  return a.map((ai) => factor * ai);
}

/** matrix += factor v v^T */
function addOuter(matrix: Float64Array, factor: number, v: Float64Array): void {
  const n = v.length;
  for (let i = 0; i < n; i++) {
    const fi = factor * v[i];
    for (let j = 0; j < n; j++) matrix[i * n + j] += fi * v[j];
  }
}
