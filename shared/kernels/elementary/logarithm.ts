/**
 * Logarithms. x = 2^k m with m in [sqrt(1/2), sqrt(2)), and for f = m - 1, s = f / (2 + f):
 * ln m = 2 artanh(s) = 2s + s R with R = 2 s^2 / 3 + 2 s^4 / 5 + ..., where 2s = f - s f.
 */
import { nearestExponent, powerOfTwo } from './double-bits.js';
import { LN2_HIGH, LN2_LOW } from './exponential.js';

const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** (2 artanh(s) - 2s - 2 s^3 / 3) / s^5 for z = s^2 < 0.0295. */
export function artanhTail(z: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const low = 2 / 5 + z * (2 / 7) + z2 * (2 / 9 + z * (2 / 11));
  const high = 2 / 13 + z * (2 / 15) + z2 * (2 / 17 + z * (2 / 19));
  return low + z4 * (high + z4 * (2 / 21 + z * (2 / 23)));
}

/** Natural logarithm; error below 1 ulp. log(0) = -Infinity; NaN for x < 0. */
export function log(x: number): number {
  if (!(x >= SMALLEST_NORMAL && x < Infinity)) return logOfLimit(x);
  const k = nearestExponent(x);
  const f = x * powerOfTwo(-k) - 1;
  const s = f / (2 + f);
  const z = s * s;
  // s f = f^2/2 - s f^2/2: with the larger part exact to a rounding, that of s hardly counts.
  const halfSquare = 0.5 * f * f;
  const tail = s * (halfSquare + z * (2 / 3 + z * artanhTail(z))) + k * LN2_LOW;
  return k * LN2_HIGH + (f - (halfSquare - tail));
}

/** log(x) for x subnormal, zero, infinite, negative or NaN. */
function logOfLimit(x: number): number {
  if (x > 0 && x < SMALLEST_NORMAL) return log(x * powerOfTwo(54)) - 54 * (LN2_HIGH + LN2_LOW);
  if (x === 0) return -Infinity;
  return x > 0 ? Infinity : NaN;
}

/** ln(1 + x) without cancellation near 0; error below 2 ulp. */
export function log1p(x: number): number {
  const sum = 1 + x;
  if (sum === 1) return x;
  if (!(sum > 0 && sum < Infinity)) return log(sum);
  // What the rounding of 1 + x dropped.
  const dropped = x > 1 ? 1 - (sum - x) : x - (sum - 1);
  return log(sum) + dropped / sum;
}
