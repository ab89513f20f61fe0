/** What samples of CMA-ES are by themselves, and to each other. */
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { cmaEsConstants } from './cma-es-constants.js';
import { mirroredMass, mirroredNormals } from './cma-es-sampling.js';

const random = new RandomStream(3, 'cma-es-sampling.test');

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, ai, i) => sum + ai * b[i], 0);
}

describe.each([
  [1, 4],
  [2, 7],
  [5, 8],
  [10, 10],
  [3, 13],
])('in %i variables, %i samples', (n, count) => {
  const normals = mirroredNormals(n, count, random, 7);
  const firsts = normals.filter((_, k) => k % 2 === 0);

  it('are each followed by their mirror image', () => {
    expect(normals.length).toBe(count);
    for (let k = 1; k < count; k += 2) {
      expect(normals[k]).toEqual(normals[k - 1].map((z) => -z));
    }
  });

  it('are at right angles to as many as there is room for', () => {
    for (const [k, a] of firsts.entries()) {
      for (const [j, b] of firsts.entries()) {
        if (j <= k || Math.floor(j / n) !== Math.floor(k / n)) continue;
        expect(Math.abs(product(a, b))).toBeLessThan(1e-9);
      }
    }
  });

  it('are as long as they were drawn', () => {
    for (const [k, normal] of firsts.entries()) {
      const drawn = Float64Array.from({ length: n }, (_, i) => random.normal(0, 7, k, i));
      expect(product(normal, normal) / product(drawn, drawn)).toBeCloseTo(1, 12);
    }
  });
});

describe('the samples of many generations', () => {
  const n = 4;
  const TRIALS = 20_000;

  it('are normal numbers in every place: of mean 0, variance 1 and kurtosis 3', () => {
    const sums = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
    for (let k = 0; k < TRIALS; k++) {
      // The last of four at right angles to each other is turned the most.
      const [normal] = mirroredNormals(n, 7, random, k).slice(6);
      for (const [i, z] of normal.entries()) {
        for (const [power, sum] of sums.entries()) sum[i] += z ** (power === 2 ? 4 : power + 1);
      }
    }
    // Bounds: a bit over three standard errors, 1, sqrt(2) and sqrt(96) over sqrt(trials).
    for (let i = 0; i < n; i++) {
      expect(Math.abs(sums[0][i] / TRIALS)).toBeLessThan(0.025);
      expect(Math.abs(sums[1][i] / TRIALS - 1)).toBeLessThan(0.035);
      expect(Math.abs(sums[2][i] / TRIALS - 3)).toBeLessThan(0.24);
    }
  });

  it.each([4, 5, 9, 10])('%i of them, dealt at random, have the length of their mass', (count) => {
    const { weights, mu, muEff } = cmaEsConstants(n, count);
    let total = 0;
    for (let k = 0; k < TRIALS; k++) {
      const normals = mirroredNormals(n, count, random, k);
      const keys = normals.map((_, i) => random.uniform(1, k, i, 0));
      const order = [...keys.keys()].sort((a, b) => keys[a] - keys[b]);
      const step = new Float64Array(n);
      for (let r = 0; r < mu; r++) {
        for (let i = 0; i < n; i++) step[i] += weights[r] * normals[order[r]][i];
      }
      total += product(step, step);
    }
    expect((total / TRIALS / n) * mirroredMass(muEff, count)).toBeCloseTo(1, 1);
  });
});
