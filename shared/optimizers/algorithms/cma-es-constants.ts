import { log } from '@isola/kernels/elementary';
import { mirroredMass } from './cma-es-sampling.js';

/** What an iteration of CMA-ES uses beside its state; names and formulas as in the tutorial. */
export interface CmaEsConstants {
  /** Recombination weights by rank: positive for the better half, negative for the rest. */
  readonly weights: Float64Array;
  /** Number of positive weights. */
  readonly mu: number;
  /** Variance effective selection mass of the positive weights. */
  readonly muEff: number;
  /** The same of the samples as they are drawn, mirrored; in place of it in the paths. */
  readonly pathMass: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cC: number;
  readonly c1: number;
  readonly cMu: number;
  /** Expected length of a standard normal vector. */
  readonly chiN: number;
  /** Iterations after which the eigenvectors are worth computing anew. */
  readonly eigenInterval: number;
}

/** Default settings: Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), table 1. */
export function cmaEsConstants(n: number, populationSize: number): CmaEsConstants {
  const mu = Math.floor(populationSize / 2);
  const raw = Float64Array.from(
    { length: populationSize },
    (_, i) => log((populationSize + 1) / 2) - log(i + 1),
  );
  const [plus, muEff] = sumAndMass(raw.subarray(0, mu));
  const [minus, muEffMinus] = sumAndMass(raw.subarray(mu));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const c1 = 2 / ((n + 1.3) * (n + 1.3) + muEff);
  const cMu = Math.min(1 - c1, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) * (n + 2) + muEff));
  const negativeSum = Math.min(
    1 + c1 / cMu,
    1 + (2 * muEffMinus) / (muEff + 2),
    (1 - c1 - cMu) / (n * cMu),
  );
  return {
    weights: raw.map((w) => (w > 0 ? w / plus : (w * negativeSum) / Math.abs(minus))),
    ...{ mu, muEff, cSigma, c1, cMu },
    pathMass: mirroredMass(muEff, populationSize),
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cC: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    chiN: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
    eigenInterval: Math.max(1, Math.floor(1 / (10 * n * (c1 + cMu)))),
  };
}

/** The sum of weights, and the square of it over the sum of squares. */
function sumAndMass(weights: Float64Array): [sum: number, mass: number] {
  let sum = 0;
  let squares = 0;
  for (const w of weights) {
    sum += w;
    squares += w * w;
  }
  return [sum, (sum * sum) / squares];
}
