import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.js';

const matrixOf = (n: number, entry: (i: number, j: number) => number) =>
  Float64Array.from({ length: n * n }, (_, k) =>
    entry(Math.max(Math.floor(k / n), k % n), Math.min(Math.floor(k / n), k % n)),
  );

/** Entries in (-1, 1) that repeat on every run. */
const scattered = (i: number, j: number) => Math.sin(12.9898 * i + 78.233 * j + 1);

const MATRICES: Record<string, [n: number, matrix: Float64Array]> = {
  'one entry': [1, Float64Array.of(-3)],
  zero: [4, new Float64Array(16)],
  diagonal: [5, matrixOf(5, (i, j) => (i === j ? 3 - i : 0))],
  'two by two': [2, Float64Array.of(1, 2, 2, 1)],
  'of rank one': [9, matrixOf(9, () => 1)],
  tridiagonal: [12, matrixOf(12, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0))],
  'full, 20': [20, matrixOf(20, scattered)],
  'full, 61': [61, matrixOf(61, scattered)],
  'graded over twelve decades': [
    10,
    matrixOf(10, (i, j) => scattered(i, j) * 10 ** (-0.6 * (i + j))),
  ],
  'graded upwards': [10, matrixOf(10, (i, j) => scattered(i, j) * 10 ** (0.6 * (i + j)))],
};

describe.each(Object.entries(MATRICES))('the eigenvectors of a matrix: %s', (_, [n, matrix]) => {
  const before = Float64Array.from(matrix);
  const { values, vectors } = symmetricEigen(matrix, n);
  const norm = Math.sqrt(matrix.reduce((sum, a) => sum + a * a, 0));
  const row = (k: number) => vectors.subarray(k * n, (k + 1) * n);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, ai, i) => s + ai * b[i], 0);

  it('are orthonormal', () => {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j <= k; j++) {
        expect(Math.abs(dot(row(k), row(j)) - (j === k ? 1 : 0))).toBeLessThan(1e-14 * (n + 2));
      }
    }
  });

  it('solve A v = lambda v with ascending lambda', () => {
    for (let k = 0; k < n; k++) {
      if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
      for (let i = 0; i < n; i++) {
        const image = dot(matrix.subarray(i * n, (i + 1) * n), row(k));
        expect(Math.abs(image - values[k] * row(k)[i])).toBeLessThanOrEqual(1e-14 * n * norm);
      }
    }
  });

  it('leave the matrix alone', () => {
    expect(matrix).toEqual(before);
  });
});

describe('symmetricEigen', () => {
  it('gives the closed form of the second difference, 2 - 2 cos(k pi / (n + 1))', () => {
    const [n, matrix] = MATRICES.tridiagonal;
    const { values } = symmetricEigen(matrix, n);
    for (let k = 0; k < n; k++) {
      expect(values[k]).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    }
  });

  it('refuses entries that are not finite instead of going on for ever', () => {
    expect(() =>
      symmetricEigen(
        matrixOf(3, () => Number.NaN),
        3,
      ),
    ).toThrow('did not converge');
  });
});
