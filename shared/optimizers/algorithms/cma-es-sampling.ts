/**
 * The normal numbers of a generation of CMA-ES. Each sample is as if it were drawn alone, but
 * together they tell more of the cost than so many drawn alone: with each there is its mirror
 * image, and those that are not images are at right angles to each other. Brockhoff, Auger, Hansen,
 * Arnold, Hohm, "Mirrored sampling and sequential selection for evolution strategies", PPSN 2010;
 * Wang, Emmerich, Bäck, "Mirrored orthogonal sampling for covariance matrix adaptation evolution
 * strategies", Evolutionary Computation 27 (2019).
 */
import type { RandomStream } from '@isola/kernels/random';
import { axpy, dot } from '@isola/kernels/vector';

/**
 * `count` vectors of n normal numbers, each followed by its mirror image.
 * @param generation names the place of the draws in the stream
 */
export function mirroredNormals(
  n: number,
  count: number,
  random: RandomStream,
  generation: number,
): Float64Array[] {
  const drawn = Array.from({ length: Math.ceil(count / 2) }, (_, k) =>
    Float64Array.from({ length: n }, (_number, i) => random.normal(0, generation, k, i)),
  );
  // There are no more than n at right angles to each other; after those, others begin anew.
  for (let k = 0; k < drawn.length; k += n) makeOrthogonal(drawn.slice(k, k + n));
  return drawn.flatMap((normal) => [normal, normal.map((z) => -z)]).slice(0, count);
}

/**
 * Turns each vector to a right angle to those before it (Gram-Schmidt) and leaves its length: a
 * direction that is even on the sphere stays so, hence normal numbers stay normal.
 */
function makeOrthogonal(vectors: readonly Float64Array[]): void {
  const before: Float64Array[] = [];
  for (const vector of vectors) {
    const length = Math.sqrt(dot(vector, vector));
    for (const unit of before) axpy(-dot(unit, vector), unit, vector);
    const rest = Math.sqrt(dot(vector, vector));
    before.push(vector.map((z) => z / rest));
    for (let i = 0; i < vector.length; i++) vector[i] *= length / rest;
  }
}

/**
 * What the variance effective mass of weights is for mirrored samples: the sum of the samples by
 * weights that are dealt at random has n over this as its mean squared length. The paths need it,
 * or they take the mirror images, which cancel each other, for a sign that the steps are too long:
 * Auger, Brockhoff, Hansen, "Mirrored sampling in evolution strategies with weighted
 * recombination", GECCO 2011. There one of each two images is left out instead.
 * @param muEff of the weights, whose sum is 1
 */
export function mirroredMass(muEff: number, populationSize: number): number {
  // A sample and its image have two different ones of all weights, each two as likely.
  const pairs = Math.floor(populationSize / 2);
  const product = (1 - 1 / muEff) / (populationSize * (populationSize - 1));
  return 1 / (1 / muEff - 2 * pairs * product);
}
