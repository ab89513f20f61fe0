import { describe, expect, it } from 'vitest';
import { thinCurve } from './thin-curve.js';

describe('thinCurve', () => {
  const x = Float64Array.from({ length: 500 }, (_, i) => i / 10);
  const y = x.map((value) => 100 / (1 + Math.exp((value - 25) / 3)));

  it('misses no point by more than the tolerance', () => {
    const kept = thinCurve(x, y, 0.02);
    expect(kept.length).toBeLessThan(x.length / 4);
    for (let k = 1; k < kept.length; k++) {
      const [first, last] = [kept[k - 1], kept[k]];
      for (let i = first; i <= last; i++) {
        const part = (x[i] - x[first]) / (x[last] - x[first]);
        expect(Math.abs(y[first] + part * (y[last] - y[first]) - y[i])).toBeLessThanOrEqual(0.02);
      }
    }
  });

  it('keeps only the ends of a straight line', () => {
    expect(thinCurve(x, x.slice(), 1e-9)).toEqual([0, 499]);
  });
});
