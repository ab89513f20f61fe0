/** What the objectives become at the ends of their parameters, in closed form. */
import { describe, expect, it } from 'vitest';
import { createObjective, type ObjectiveSpec } from './catalogue.js';
import { doseAtVolume } from './dose-at-volume.js';
import type { VoxelSet } from './objective.js';

const voxelsOf = (doses: Float32Array): VoxelSet => ({
  rows: Uint32Array.from(doses.keys()),
  weights: null,
  total: doses.length,
});

function evaluate(spec: ObjectiveSpec, ...doses: number[]) {
  const dose = Float32Array.from(doses);
  const gradient = new Float32Array(dose.length);
  const value = createObjective(spec).valueAndGradient(dose, voxelsOf(dose), 1, gradient);
  return { value, gradient: Array.from(gradient) };
}

describe('geud', () => {
  it('is the mean for exponent 1', () => {
    expect(evaluate({ type: 'geud', exponent: 1 }, 0, 1, 2, 5).value).toBe(4);
  });

  it('tends to the largest dose for a large exponent, without overflow', () => {
    const { value, gradient } = evaluate({ type: 'geud', exponent: 1e6 }, 0, 1, 80, 79);
    expect(Math.sqrt(value)).toBeCloseTo(80, 3);
    expect(gradient.slice(0, 2)).toEqual([0, 0]);
    expect(gradient[2]).toBeCloseTo(160, 2);
  });

  it('tends to the smallest dose for a large negative exponent, without overflow', () => {
    const { value, gradient } = evaluate({ type: 'geud', exponent: -1e6 }, 0.01, 1, 80);
    expect(Math.sqrt(value)).toBeCloseTo(0.01, 6);
    expect(gradient[0]).toBeCloseTo(0.02, 5);
    expect(gradient.slice(1)).toEqual([0, 0]);
  });

  it('is 0 for a target with a voxel of dose 0, which is the one that is pulled up', () => {
    // G = (1/3)^(1/-5) t = 3^(1/5) t for the dose t of the cold voxel as t goes to 0
    const { value, gradient } = evaluate(
      { type: 'geud', exponent: -5, dosePerFractionGy: 2 },
      0,
      1.9,
      2,
    );
    expect(value).toBe(4);
    expect(gradient[0]).toBeCloseTo(-4 * 3 ** 0.2, 5);
    expect(gradient[1] + gradient[2]).toBe(0);
  });

  it.each([-5, 1, 8])('pulls all voxels alike where all doses are 0, exponent %d', (exponent) => {
    const { value, gradient } = evaluate({ type: 'geud', exponent, dosePerFractionGy: 2 }, 0, 0);
    expect(value).toBe(4);
    expect(gradient).toEqual([-2, -2]);
  });

  it.each([-8, 2, 40])('scales with dose, exponent %d', (exponent) => {
    const small = evaluate({ type: 'geud', exponent }, 0.5, 1, 2).value;
    const large = evaluate({ type: 'geud', exponent }, 500, 1000, 2000).value;
    expect(large / small / 1e6).toBeCloseTo(1, 12);
  });
});

describe('dose-volume objectives', () => {
  const doses = [0, 3, 1, 2.5, 0.25, 2];

  it('are squared overdosing for 0 percent and squared underdosing for 100 percent', () => {
    for (const dosePerFractionGy of [0.5, 1.5, 4]) {
      expect(evaluate({ type: 'max-dvh', dosePerFractionGy, volumePercent: 0 }, ...doses)).toEqual(
        evaluate({ type: 'squared-overdosing', dosePerFractionGy }, ...doses),
      );
      expect(
        evaluate({ type: 'min-dvh', dosePerFractionGy, volumePercent: 100 }, ...doses),
      ).toEqual(evaluate({ type: 'squared-underdosing', dosePerFractionGy }, ...doses));
    }
  });

  it('are 0 where the dose at the volume is on the good side', () => {
    const half = { dosePerFractionGy: 1.5, volumePercent: 50 } as const;
    expect(evaluate({ type: 'max-dvh', ...half }, 1, 1.2, 9, 9).value).toBeGreaterThan(0);
    expect(evaluate({ type: 'max-dvh', ...half }, 1, 1.2, 1.4, 9).value).toBe(0);
    expect(evaluate({ type: 'min-dvh', ...half }, 1, 1.2, 1.6, 9).value).toBe(0);
  });
});

describe('mean', () => {
  it('has the derivative from above where the mean is the reference', () => {
    expect(evaluate({ type: 'mean' }, 0, 0).gradient).toEqual([0.5, 0.5]);
    const below = evaluate({ type: 'mean', dosePerFractionGy: 2 }, 0, 3);
    expect(below).toEqual({ value: 0.5, gradient: [-0.5, -0.5] });
  });
});

describe('doseAtVolume', () => {
  const sorted = (doses: Float32Array) => Array.from(doses).sort((a, b) => b - a);

  it('is the ceil(fraction n)-th largest dose, ties, zeros and order whatever', () => {
    for (const [n, distinct] of [
      [1, 1],
      [2, 1],
      [7, 3],
      [60, 5],
      [301, 1000],
      [1000, 2],
    ]) {
      const doses = Float32Array.from({ length: n }, (_, i) => ((i * 7919 + 13) % distinct) / 4);
      for (const order of [doses, doses.toSorted(), doses.toSorted().reverse()]) {
        for (let k = 1; k <= 20; k++) {
          const expected = sorted(doses)[Math.ceil((k / 20) * n) - 1];
          expect(doseAtVolume(order, voxelsOf(order), k / 20)).toBe(expected);
        }
        expect(doseAtVolume(order, voxelsOf(order), 0)).toBe(sorted(doses)[0]);
      }
    }
  });

  it('is the largest dose whose weight from there up reaches the fraction', () => {
    const dose = Float32Array.of(1, 4, 2, 3, 4);
    const rows = Uint32Array.of(0, 1, 2, 3, 4);
    const weights = Float64Array.of(4, 0.25, 2, 1.5, 0.25); // 4 Gy: 0.5, then 2, 4, 8
    const at = (fraction: number) => doseAtVolume(dose, { rows, weights, total: 8 }, fraction);
    const expected = [4, 4, 3, 3, 2, 2, 1, 1];
    const fractions = [0, 1 / 16, 1.01 / 16, 1 / 4, 1.01 / 4, 1 / 2, 1.01 / 2, 1];
    expect(fractions.map(at)).toEqual(expected);
    expect(Array.from(weights)).toEqual([4, 0.25, 2, 1.5, 0.25]);
  });
});
