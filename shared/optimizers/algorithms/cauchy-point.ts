/**
 * Generalised Cauchy point: the first local minimum of the quadratic model
 *
 *     m(z) = g . (z - x) + (z - x) . B (z - x) / 2
 *
 * along the projected steepest descent path (Byrd, Lu, Nocedal, Zhu 1995, section 4, algorithm CP).
 * The path bends where a variable meets its bound; pieces are visited in order, O(m^2) each.
 * With M^-1 = L J L^T, vectors of the memory are kept as L^-1 v, so that u^T M v is one short sum.
 */
import type { Bounds } from '../problem/index.js';
import { BreakpointHeap } from './breakpoint-heap.js';
import { type CurvaturePairs, middleMatrix, rowOf, transposedProduct } from './curvature-pairs.js';
import { factorSigned, signedDot, solveLower } from './signed-cholesky.js';

/** @returns a point in the box; null where the memory is too ill-conditioned to factor */
export function cauchyPoint(
  x: Float64Array,
  gradient: Float64Array,
  bounds: Bounds,
  pairs: CurvaturePairs,
): Float64Array | null {
  const order = 2 * pairs.steps.length;
  const factor = factorSigned(middleMatrix(pairs), order, order / 2);
  if (factor === null) return null;
  const { times, heap, direction, moving } = descentPath(x, gradient, bounds);
  const cauchy = x.slice();
  const p = new Float64Array(order);
  const c = new Float64Array(order);
  const row = new Float64Array(order);
  transposedProduct(pairs, direction, p);
  solveLower(factor, p);
  let slope = 0;
  for (let i = 0; i < x.length; i++) slope -= direction[i] * direction[i];
  const firstCurvature = -pairs.theta * slope - signedDot(factor, p, p);
  let curvature = firstCurvature;
  let time = 0;
  let stillMoving = moving;
  while (!heap.isEmpty && slope < 0) {
    const b = heap.first;
    const length = times[b] - time;
    if (slope + length * curvature >= 0) break;
    heap.removeFirst();
    stillMoving -= 1;
    time = times[b];
    const g = gradient[b];
    cauchy[b] = g > 0 ? bounds.lower[b] : bounds.upper[b];
    direction[b] = 0;
    for (let i = 0; i < order; i++) c[i] += length * p[i];
    rowOf(pairs, b, row);
    solveLower(factor, row);
    const moved = cauchy[b] - x[b];
    slope += length * curvature + g * (g + pairs.theta * moved - signedDot(factor, row, c));
    curvature -=
      g * (pairs.theta * g + 2 * signedDot(factor, row, p) + g * signedDot(factor, row, row));
    curvature = Math.max(curvature, Number.EPSILON * firstCurvature);
    for (let i = 0; i < order; i++) p[i] += g * row[i];
  }
  if (slope < 0 && stillMoving > 0) time -= slope / curvature;
  for (let i = 0; i < x.length; i++) {
    if (direction[i] === 0) continue;
    const moved = x[i] + time * direction[i];
    cauchy[i] = Math.max(bounds.lower[i], Math.min(bounds.upper[i], moved));
  }
  return cauchy;
}

/** Steepest descent without what points out of the box, and when each variable meets its bound. */
function descentPath(x: Float64Array, gradient: Float64Array, { lower, upper }: Bounds) {
  const direction = new Float64Array(x.length);
  const times = new Float64Array(x.length);
  const bending = new Int32Array(x.length);
  let count = 0;
  let moving = 0;
  for (let i = 0; i < x.length; i++) {
    const g = gradient[i];
    if (g === 0) continue;
    times[i] = (x[i] - (g > 0 ? lower[i] : upper[i])) / g;
    if (times[i] > 0) {
      direction[i] = -g;
      moving += 1;
      if (times[i] < Infinity) bending[count++] = i;
    }
  }
  const heap = new BreakpointHeap(bending.subarray(0, count), times);
  return { direction, times, heap, moving };
}
