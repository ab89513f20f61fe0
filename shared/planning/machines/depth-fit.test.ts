import { describe, expect, it } from 'vitest';
import { depthFunction, pseudoInverse } from './depth-fit.js';

describe('depthFunction', () => {
  it('is b/(b - m) (exp(-m d) - exp(-b d))', () => {
    for (const b of [0.0051, 0.016, 0.3252]) {
      for (const d of [1, 15, 100, 300]) {
        const formula = (b / (b - 0.005)) * (Math.exp(-0.005 * d) - Math.exp(-b * d));
        expect(depthFunction(0.005, b, d) / formula).toBeCloseTo(1, 9);
      }
    }
  });

  it('is plain attenuation for infinite b, the limit of large b', () => {
    expect(depthFunction(0.005, Number.POSITIVE_INFINITY, 100)).toBeCloseTo(Math.exp(-0.5), 15);
    expect(depthFunction(0.005, 1e9, 100)).toBeCloseTo(Math.exp(-0.5), 8);
  });

  it('is near m d exp(-m d) where b is close to m', () => {
    const m = 0.005;
    expect(depthFunction(m, m * (1 + 1e-12), 100)).toBeCloseTo(m * 100 * Math.exp(-0.5), 9);
  });
});

describe('pseudoInverse', () => {
  const depths = Float64Array.from({ length: 40 }, (_, k) => 5 * k);
  const columns = [0.005, 0.008, 0.3].map((rate) => depths.map((d) => Math.exp(-rate * d)));
  const rows = pseudoInverse(columns);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k], 0);

  it('finds the weights of a combination of the columns', () => {
    const y = depths.map((_, k) => 2 * columns[0][k] - 3 * columns[1][k] + 0.5 * columns[2][k]);
    const weights = rows.map((row) => dot(row, y));
    [2, -3, 0.5].forEach((weight, i) => {
      expect(weights[i]).toBeCloseTo(weight, 9);
    });
  });

  it('leaves a residual orthogonal to every column', () => {
    const y = depths.map((d) => 1 / (1 + 0.01 * d));
    const weights = rows.map((row) => dot(row, y));
    const residual = y.map((v, k) => v - weights.reduce((s, w, i) => s + w * columns[i][k], 0));
    for (const column of columns) expect(Math.abs(dot(column, residual))).toBeLessThan(1e-10);
  });
});
