/**
 * Exponentials. x = k ln 2 + r with |r| <= ln(2)/2, e^x = 2^k e^r, and e^r by its Taylor series,
 * which needs degree 13 for 2^-56. Only correctly rounded operations: the same bits everywhere.
 */
import { powerOfTwo, scaleByPowerOfTwo } from './double-bits.js';

/** ln 2 = LN2_HIGH + LN2_LOW; LN2_HIGH has 40 bits, so k * LN2_HIGH is exact for |k| < 2^13. */
export const LN2_HIGH = 0.6931471805592082;
export const LN2_LOW = 7.371002565167799e-13;

const OVERFLOW = 709.782712893384;
const UNDERFLOW = -745.1332191019412;

/** (e^r - 1 - r) / r^2 for |r| < 0.35; the terms are paired so that they run side by side. */
function exponentialTail(r: number): number {
  const r2 = r * r;
  const r4 = r2 * r2;
  const low = 1 / 2 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120));
  const middle = 1 / 720 + r * (1 / 5040) + r2 * (1 / 40320 + r * (1 / 362880));
  const high = 1 / 3628800 + r * (1 / 39916800) + r2 * (1 / 479001600 + r * (1 / 6227020800));
  return low + r4 * (middle + r4 * high);
}

/** e^x; relative error below 1 ulp. exp(-Infinity) = 0, exp(NaN) = NaN. */
export function exp(x: number): number {
  // Outside, the result overflows or is subnormal.
  if (!(x > -708 && x < 709)) return expSum(x, 0);
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  return (1 + (high + (r * r * exponentialTail(r) - low))) * powerOfTwo(k);
}

/** e^(x + xLow), for |xLow| much smaller than |x|; relative error below 1 ulp. */
export function expSum(x: number, xLow: number): number {
  if (!(x <= OVERFLOW)) return x > OVERFLOW ? Infinity : NaN;
  if (x < UNDERFLOW) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW - xLow;
  const r = high - low;
  const rLow = high - r - low;
  const sum = 1 + r;
  const sumLow = r - (sum - 1);
  return scaleByPowerOfTwo(sum + (sumLow + (rLow + r * r * exponentialTail(r))), k);
}

/** e^x - 1 without cancellation near 0; relative error below 2 ulp. */
export function expm1(x: number): number {
  if (!(x < 700)) return exp(x);
  if (x < -40) return -1;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  if (k === 0) return x + x * x * exponentialTail(x);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const fraction = high + (r * r * exponentialTail(r) - low);
  const power = powerOfTwo(k);
  return power * fraction + (power - 1);
}
