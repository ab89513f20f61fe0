import { describe, expect, it } from 'vitest';
import { boxTransform } from './box-transform.js';

const INF = Infinity;

/** A map of one variable. */
function mapOf(lower: number, upper: number, scale: number) {
  const bounds = { lower: Float64Array.of(lower), upper: Float64Array.of(upper) };
  const { toBox, fromBox } = boxTransform(bounds, Float64Array.of(scale));
  const one = (map: typeof toBox) => (at: number) => {
    const out = new Float64Array(1);
    map(Float64Array.of(at), out);
    return out[0];
  };
  return { toBox: one(toBox), fromBox: one(fromBox) };
}

const BOXES: [lower: number, upper: number, scale: number][] = [
  [-5, 5, 3],
  [0, 1e-3, 3e-4],
  [0.1, 0.3, 7],
  [0, INF, 2],
  [-INF, 0.1, 2],
  [1e6, 1e6 + 1, 0.3],
];

describe.each(BOXES)('the map onto [%d, %d], scale %d', (lower, upper, scale) => {
  const { toBox, fromBox } = mapOf(lower, upper, scale);
  const anchor = Number.isFinite(lower) ? lower : upper;
  const places = Array.from({ length: 4001 }, (_, k) => anchor + ((k - 2000) / 100) * scale);

  it('leads into the box, exactly, and reaches its ends', () => {
    const images = [...places, -1e300, 1e300, 0].map(toBox);
    for (const x of images) expect(x >= lower && x <= upper).toBe(true);
    for (const end of [lower, upper].filter(Number.isFinite)) {
      expect(toBox(fromBox(end))).toBeCloseTo(end, 12);
    }
  });

  it('is undone by fromBox', () => {
    for (const x of places.filter((p) => p >= lower && p <= upper)) {
      expect(Math.abs(toBox(fromBox(x)) - x)).toBeLessThan(1e-12 * (scale + Math.abs(x)));
    }
  });

  it('is smooth: its slope is at most 1 and changes by no more than the margin allows', () => {
    const margin = Math.min(scale / 6, (upper - lower) / 2);
    const h = scale / 1000;
    const rounding = (1e-14 * (Math.abs(anchor) + 40 * scale)) / h;
    const slope = (y: number) => (toBox(y + h) - toBox(y - h)) / (2 * h);
    for (const y of places) {
      expect(Math.abs(slope(y))).toBeLessThan(1 + 1e-9 + rounding);
      expect(Math.abs(slope(y + h) - slope(y))).toBeLessThan(h / (2 * margin) + 1e-9 + rounding);
    }
  });
});

describe('boxTransform', () => {
  it('is the identity in the middle of a box and where there is no box', () => {
    const { toBox } = mapOf(-5, 5, 3);
    for (const x of [-4.5, -1 / 3, 0, 0.1, 4.5]) expect(toBox(x)).toBe(x);
    const open = mapOf(-INF, INF, 3);
    for (const x of [-1e9, 0.1, 1e300]) expect(open.toBox(open.fromBox(x))).toBe(x);
  });

  it('gives the one value of a variable that is fixed', () => {
    const { toBox, fromBox } = mapOf(0.1, 0.1, 0);
    for (const y of [-7, 0, fromBox(0.1), 1e9]) expect(toBox(y)).toBe(0.1);
  });
});
