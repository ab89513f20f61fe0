/**
 * A smooth map of all of space onto a box, so that a method without bounds searches within bounds.
 *
 * In the middle of the box it is the identity. Near a bound, within `margin`, it bends in a
 * quadratic that reaches the bound `margin` beyond it with slope 0, and from there it runs back:
 * a reflection without a kink. So a minimum on a bound is an ordinary minimum of what is searched.
 *
 * It is the boundary transformation of Hansen's c-cmaes and pycma, with a margin relative to the
 * scale of the search instead of to the magnitude of the bound.
 */
import type { Bounds } from '../problem/index.js';

export interface BoxTransform {
  /** out = the point in the box, exactly, for any finite y. */
  toBox(y: Float64Array, out: Float64Array): void;
  /** out = a point that `toBox` takes to x, to rounding, for x in the box. */
  fromBox(x: Float64Array, out: Float64Array): void;
}

/** Part of a variable's scale over which the map bends: a sixth of 0.3 ranges is 1/20 range. */
const MARGIN = 1 / 6;

/** @param scales lengths over which the search looks at first, one a variable */
export function boxTransform({ lower, upper }: Bounds, scales: Float64Array): BoxTransform {
  const margins = scales.map((scale, i) => Math.min(MARGIN * scale, (upper[i] - lower[i]) / 2));
  return {
    toBox(y, out) {
      for (let i = 0; i < y.length; i++) {
        const [low, high] = [lower[i], upper[i]];
        const inside = low === high ? low : bent(y[i], low, high, margins[i]);
        out[i] = inside < low ? low : Math.min(inside, high);
      }
    },
    fromBox(x, out) {
      for (let i = 0; i < x.length; i++) out[i] = unbent(x[i], lower[i], upper[i], margins[i]);
    },
  };
}

function bent(y: number, lower: number, upper: number, margin: number): number {
  const at = folded(y, lower - margin, upper + margin);
  if (at < lower + margin) return lower + square(at - (lower - margin)) / (4 * margin);
  if (at > upper - margin) return upper - square(upper + margin - at) / (4 * margin);
  return at;
}

function unbent(x: number, lower: number, upper: number, margin: number): number {
  if (x < lower + margin) return lower - margin + Math.sqrt(4 * margin * (x - lower));
  if (x > upper - margin) return upper + margin - Math.sqrt(4 * margin * (upper - x));
  return x;
}

/** y reflected at either end, as often as it takes to lie between them. */
function folded(y: number, low: number, high: number): number {
  if (y >= low && y <= high) return y;
  if (high === Infinity) return low + (low - y);
  if (low === -Infinity) return high - (y - high);
  const width = high - low;
  const periods = (y - low) / (2 * width);
  const along = (periods - Math.floor(periods)) * 2 * width;
  return low + (along > width ? 2 * width - along : along);
}

function square(x: number): number {
  return x * x;
}
