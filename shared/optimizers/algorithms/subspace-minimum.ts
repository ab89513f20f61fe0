/**
 * Subspace minimisation of L-BFGS-B: from the Cauchy point, the minimum of the quadratic model over
 * the variables that are not at a bound there, brought back into the box (Byrd, Lu, Nocedal, Zhu
 * 1995, section 5.1, direct primal method). It comes back by projection, as Morales and Nocedal
 * found better (2011, "Remark on algorithm 778"), or by cutting the step where the projected point
 * lies in no descent direction from x.
 */
import type { Bounds } from '../problem/index.js';
import {
  addProduct,
  type CurvaturePairs,
  freeMiddleMatrix,
  transposedProduct,
} from './curvature-pairs.js';
import { factorSigned, solveLower, solveUpper } from './signed-cholesky.js';

/** 1 where a point lies strictly between its bounds. */
export function freeVariables(x: Float64Array, { lower, upper }: Bounds): Uint8Array {
  const free = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) free[i] = x[i] > lower[i] && x[i] < upper[i] ? 1 : 0;
  return free;
}

/**
 * @param pairs with their products split by the free variables at the Cauchy point
 * @returns a point in the box; null where the memory is too ill-conditioned to factor
 */
export function subspaceMinimum(
  x: Float64Array,
  gradient: Float64Array,
  bounds: Bounds,
  pairs: CurvaturePairs,
  cauchy: Float64Array,
): Float64Array | null {
  const { theta, free } = pairs;
  const order = 2 * pairs.steps.length;
  if (order === 0 || !free.includes(1)) return cauchy;
  const factor = factorSigned(freeMiddleMatrix(pairs), order, order / 2);
  if (factor === null) return null;
  // B_FF (z - x)_F = -g_F - B_FA (cauchy - x)_A for free F and held A. With the inverse of B_FF by
  // Sherman, Morrison and Woodbury (equation 5.10), the products with M cancel and leave
  // z_F = x_F + (v + W (M^-1 - W_F^T W_F / theta)^-1 W^T v / theta)_F / theta for this v:
  const step = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    step[i] = free[i] === 1 ? -gradient[i] : theta * (cauchy[i] - x[i]);
  }
  const inner = new Float64Array(order);
  transposedProduct(pairs, step, inner);
  solveLower(factor, inner);
  solveUpper(factor, inner);
  addProduct(pairs, inner, 1 / theta, step);
  for (let i = 0; i < x.length; i++) step[i] = x[i] - cauchy[i] + step[i] / theta;
  return projectedStep(x, gradient, bounds, cauchy, free, step);
}

/** Goes from the Cauchy point along the free part of `step`. */
function projectedStep(
  x: Float64Array,
  gradient: Float64Array,
  { lower, upper }: Bounds,
  cauchy: Float64Array,
  free: Uint8Array,
  step: Float64Array,
): Float64Array {
  const point = cauchy.slice();
  let slope = 0;
  let longest = 1;
  for (let i = 0; i < x.length; i++) {
    if (free[i] === 1) {
      point[i] = Math.max(lower[i], Math.min(upper[i], cauchy[i] + step[i]));
      const room = (step[i] < 0 ? lower[i] : upper[i]) - cauchy[i];
      if (Math.abs(room) < longest * Math.abs(step[i])) longest = room / step[i];
    }
    slope += gradient[i] * (point[i] - x[i]);
  }
  if (slope < 0) return point;
  for (let i = 0; i < x.length; i++) {
    if (free[i] === 0) continue;
    const moved = cauchy[i] + longest * step[i];
    point[i] = Math.max(lower[i], Math.min(upper[i], moved));
  }
  return point;
}
