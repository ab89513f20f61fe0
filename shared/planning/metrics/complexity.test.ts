import { describe, expect, it } from 'vitest';
import { beamComplexity, planComplexity } from './complexity.js';

/** Beamlets of 5 mm from a drawing: one string a row, digits are weights, blanks no beamlet. */
function fluence(...rows: string[]) {
  const beamlets = rows.flatMap((row, z) =>
    Array.from(row).flatMap((digit, x) => (digit === ' ' ? [] : [{ x, z, weight: Number(digit) }])),
  );
  const beam = {
    beamletMm: 5,
    xMm: Float64Array.from(beamlets, (b) => -12.5 + 5 * b.x),
    zMm: Float64Array.from(beamlets, (b) => 7.5 - 5 * b.z),
  };
  return { beam, weights: Float64Array.from(beamlets, (b) => b.weight) };
}
const complexity = (...rows: string[]) => {
  const { beam, weights } = fluence(...rows);
  return beamComplexity(beam, weights);
};

describe('sum of positive gradients', () => {
  it('is the weight of an open field, with modulation 1', () => {
    const open = { sumOfPositiveGradients: 4, largestWeight: 4, modulation: 1 };
    expect(complexity('4444', '4444')).toEqual(open);
    expect(complexity('1343', ' 221')).toEqual(open);
  });

  it('adds up the rises of a row and takes the largest row', () => {
    expect(complexity('14253').sumOfPositiveGradients).toBe(1 + 3 + 3);
    expect(complexity('9', '14253', '8').sumOfPositiveGradients).toBe(9);
    expect(complexity('505', '414').sumOfPositiveGradients).toBe(10);
  });

  it('falls to 0 between beamlets that do not touch', () => {
    expect(complexity('5 5').sumOfPositiveGradients).toBe(10);
    expect(complexity('5 5', '6').modulation).toBeCloseTo(10 / 6, 12);
  });

  it('does not look at the order of the beamlets, and is the same mirrored', () => {
    const { beam, weights } = fluence('14253', '31 41', '20702');
    const forward = beamComplexity(beam, weights);
    const reversed = {
      beamletMm: 5,
      xMm: beam.xMm.toReversed(),
      zMm: beam.zMm.toReversed(),
    };
    expect(beamComplexity(reversed, weights.toReversed())).toEqual(forward);
    const mirrored = { ...beam, xMm: beam.xMm.map((x) => -x) };
    expect(beamComplexity(mirrored, weights)).toEqual(forward);
  });

  it('scales with the weights and is never less than the largest', () => {
    const { beam, weights } = fluence('14253', '31 41', '20702');
    const one = beamComplexity(beam, weights);
    const two = beamComplexity(
      beam,
      weights.map((w) => 2 * w),
    );
    expect(two.sumOfPositiveGradients).toBe(2 * one.sumOfPositiveGradients);
    expect(two.modulation).toBe(one.modulation);
    expect(one.sumOfPositiveGradients).toBeGreaterThanOrEqual(one.largestWeight);
  });

  it('is 0 for a dark beam and for one without beamlets', () => {
    const dark = { sumOfPositiveGradients: 0, largestWeight: 0, modulation: 0 };
    expect(complexity('000')).toEqual(dark);
    expect(complexity('')).toEqual(dark);
  });

  it('adds up over the beams of a plan', () => {
    const [a, b] = [fluence('303'), fluence('2222')];
    const weights = Float64Array.of(...a.weights, ...b.weights);
    const plan = planComplexity([a.beam, b.beam], weights);
    expect(plan.beams.map((beam) => beam.sumOfPositiveGradients)).toEqual([6, 2]);
    expect(plan.sumOfPositiveGradients).toBe(8);
    expect(plan.modulation).toBeCloseTo(8 / 5, 12);
  });
});
