import { describe, expect, it } from 'vitest';
import {
  axpy,
  dot,
  gather,
  infinityNorm,
  max,
  norm2,
  roundToUnit,
  scale,
  sum,
  unitOfSums,
} from './index.js';

const lengths = [0, 1, 3, 4, 5, 255, 256, 257, 511, 512, 513, 1000, 4097, 100_003];

function wave(length: number, frequency: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(frequency * i) * 3);
}

describe('sum and dot', () => {
  it.each(lengths)('are exact on %d integers', (length) => {
    const ramp = Float64Array.from({ length }, (_, i) => i + 1);
    expect(sum(ramp)).toBe((length * (length + 1)) / 2);
    expect(sum(Float32Array.from(ramp))).toBe((length * (length + 1)) / 2);
    expect(
      dot(
        ramp,
        ramp.map(() => 2),
      ),
    ).toBe(length * (length + 1));
  });
  it('depend on values and length only, not on where the array lies', () => {
    const x = wave(5000, 0.7);
    const shifted = new Float64Array(5003).subarray(3);
    shifted.set(x);
    expect(sum(shifted)).toBe(sum(x));
    expect(dot(shifted, x)).toBe(dot(x, x));
  });
  it('add a power-of-two prefix and the rest as two subtrees', () => {
    const x = wave(1024 + 700, 1.3);
    expect(sum(x)).toBe(sum(x.subarray(0, 1024)) + sum(x.subarray(1024)));
  });
  it('keep the error of a million equal terms to a few ulp', () => {
    const tenths = new Float64Array(2 ** 20).fill(0.1);
    expect(sum(tenths)).toBeCloseTo(0.1 * 2 ** 20, 9);
    expect(dot(tenths, tenths)).toBeCloseTo(0.01 * 2 ** 20, 9);
  });
  it('is bilinear and symmetric', () => {
    const [a, b, c] = [wave(999, 0.3), wave(999, 0.9), wave(999, 2.1)];
    const combined = c.slice();
    axpy(2.5, b, combined);
    expect(dot(a, combined)).toBeCloseTo(dot(a, c) + 2.5 * dot(a, b), 9);
    expect(dot(a, b)).toBe(dot(b, a));
  });
  it('refuse arrays of different lengths', () => {
    expect(() => dot(wave(3, 1), wave(4, 1))).toThrow('3 and 4');
    expect(() => axpy(1, wave(3, 1), wave(4, 1))).toThrow('3 and 4');
  });
});

describe('norms', () => {
  it('satisfy their axioms', () => {
    const [a, b] = [wave(777, 0.3), wave(777, 1.7)];
    for (const norm of [norm2, infinityNorm]) {
      const total = a.slice();
      axpy(1, b, total);
      expect(norm(total)).toBeLessThanOrEqual(norm(a) + norm(b));
      const scaled = a.slice();
      scale(-4, scaled);
      expect(norm(scaled)).toBe(4 * norm(a));
      expect(norm(new Float64Array(5))).toBe(0);
    }
    expect(norm2(Float64Array.of(3, 0, -4))).toBe(5);
  });
  it('and max see every element, and NaN', () => {
    const x = Float64Array.of(-3, -1, -7);
    expect([max(x), infinityNorm(x), max(new Float64Array(0))]).toEqual([-1, 7, -Infinity]);
    x[1] = NaN;
    expect([max(x), infinityNorm(x), sum(x)]).toEqual([NaN, NaN, NaN]);
  });
});

it('gather takes the elements at places, in their order', () => {
  const out = new Float64Array(3);
  expect(gather(Float32Array.of(5, 6, 7), Uint32Array.of(2, 0, 2), out)).toBe(out);
  expect(out).toEqual(Float64Array.of(7, 5, 7));
});

describe('sums of multiples of a unit', () => {
  const COUNT = 1000;
  const limit = 1234.5;
  const unit = unitOfSums(limit);
  const numbers = Float64Array.from(
    { length: COUNT },
    (_, i) => ((limit / COUNT) * (((i * 7919) % 2003) - 1001)) / 1002,
  );
  const rounded = numbers.slice();
  roundToUnit(rounded, unit);

  it('have no order', () => {
    const orders = [1, 3, 7, 333, 999].map((step) =>
      Array.from({ length: COUNT }, (_, i) => rounded[(i * step) % COUNT]),
    );
    const sums = orders.map((order) => order.reduce((all, x) => all + x, 0));
    expect(new Set(sums).size).toBe(1);
    // They would have one without the unit.
    const plain = orders[0].map((_, i) => numbers[i]);
    const reversed = plain.toReversed();
    const add = (all: number, x: number) => all + x;
    expect(plain.reduce(add, 0)).not.toBe(reversed.reduce(add, 0));
  });

  it('lose half a unit a number, less than a part in 2^50 of the limit', () => {
    rounded.forEach((x, i) => {
      expect(Math.abs(x - numbers[i])).toBeLessThanOrEqual(unit / 2);
    });
    expect(unit).toBeLessThanOrEqual(limit / 2 ** 50);
    expect(unit * 2 ** 51).toBeGreaterThanOrEqual(limit);
  });

  it.each([1e-300, 1e-12, 0.5, 1, 1024, 3e200])('have a unit for a limit of %d', (most) => {
    const ends = Float64Array.of(most, -most, most / 3, 0);
    roundToUnit(ends, unitOfSums(most));
    expect(Array.from(ends, Math.sign)).toEqual([1, -1, 1, 0]);
    expect(Math.abs(ends[0] / most - 1)).toBeLessThan(most < 1e-280 ? 1 : 1e-14);
  });

  it('are refused beyond their limit, and are nothing without a finite one', () => {
    expect(() => roundToUnit(Float64Array.of(0, 3 * limit), unit)).toThrow('at most 2048');
    const lost = Float64Array.of(1, 0);
    roundToUnit(lost, unitOfSums(Number.POSITIVE_INFINITY));
    expect(lost).toEqual(Float64Array.of(NaN, NaN));
    const overflown = Float64Array.of(Infinity, NaN);
    roundToUnit(overflown, unit);
    expect(overflown).toEqual(Float64Array.of(Infinity, NaN));
  });
});
