/**
 * Sine, cosine and arc tangent. Arguments are reduced to [-pi/4, pi/4] (Cody and Waite 1980,
 * Software Manual for the Elementary Functions) or, in degrees, exactly; Taylor series do the rest.
 */
import { upperHalf } from './double-bits.js';

const TWO_OVER_PI = 0.6366197723675814;
/** pi/2 as the sum of four; the first three have 24 bits, so their multiples are exact. */
const HALF_PI_1 = 1.570796251296997;
const HALF_PI_2 = 7.549789415861596e-8;
const HALF_PI_3 = 5.390302529957765e-15;
const HALF_PI_4 = 3.2820035428735005e-22;
const LARGEST_ARGUMENT = 536870912;

/** pi/180 as the sum of two; the first has 32 bits. */
const RADIANS_PER_DEGREE_1 = 0.017453292515710928;
const RADIANS_PER_DEGREE_2 = 4.232368223212585e-12;

/** sin(r + rLow) for |r| <= pi/4. */
function sineOfReduced(r: number, rLow: number): number {
  const z = r * r;
  const low = -1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (1 / 362880)));
  const high =
    -1 / 39916800 + z * (1 / 6227020800 + z * (-1 / 1307674368000 + z * (1 / 355687428096000)));
  const z2 = z * z;
  return r + (rLow + r * z * (low + z2 * z2 * high));
}

/** cos(r + rLow) for |r| <= pi/4. */
function cosineOfReduced(r: number, rLow: number): number {
  const z = r * r;
  const low = 1 / 24 + z * (-1 / 720 + z * (1 / 40320 + z * (-1 / 3628800)));
  const high = 1 / 479001600 + z * (-1 / 87178291200 + z * (1 / 20922789888000));
  const z2 = z * z;
  const half = 0.5 * z;
  const leading = 1 - half;
  return leading + (1 - leading - half + (z2 * (low + z2 * z2 * high) - r * rLow));
}

/** sin(angle + quadrants * pi/2) for the reduced angle r + rLow. */
function sineInQuadrant(r: number, rLow: number, quadrants: number): number {
  const magnitude = quadrants & 1 ? cosineOfReduced(r, rLow) : sineOfReduced(r, rLow);
  // 0 - x, not -x: no negative zeros from half turns.
  return quadrants & 2 ? 0 - magnitude : magnitude;
}

/** sin(x + quadrants * pi/2). */
function shiftedSine(x: number, quadrants: number): number {
  const k = Math.floor(x * TWO_OVER_PI + 0.5);
  if (k === 0) return sineInQuadrant(x, 0, quadrants);
  if (!(x > -LARGEST_ARGUMENT && x < LARGEST_ARGUMENT)) {
    if (x - x !== 0) return NaN;
    throw new RangeError(`sine or cosine of ${x}: more than 2^29 is not reduced`);
  }
  // The first two differences are exact; then r + rLow holds what one float64 cannot.
  const head = x - k * HALF_PI_1 - k * HALF_PI_2;
  const third = k * HALF_PI_3;
  const difference = head - third;
  const tail = head - difference - third - k * HALF_PI_4;
  const r = difference + tail;
  return sineInQuadrant(r, tail - (r - difference), quadrants + (k & 3));
}

/** Sine of x in radians, |x| <= 2^29; absolute error below 1e-16, relative below 1 ulp. */
export function sin(x: number): number {
  return shiftedSine(x, 0);
}

/** Cosine of x in radians, |x| <= 2^29; absolute error below 1e-16, relative below 1 ulp. */
export function cos(x: number): number {
  return shiftedSine(x, 1);
}

/** sin(deg + quadrants * 90). */
function shiftedSineOfDegrees(deg: number, quadrants: number): number {
  // Remainders of float64 numbers are exact, and so is the difference after it.
  const turn = deg % 360;
  const k = Math.floor(turn / 90 + 0.5);
  const rest = turn - 90 * k;
  const rest1 = upperHalf(rest);
  const product = rest1 * RADIANS_PER_DEGREE_1;
  const productLow =
    rest1 * RADIANS_PER_DEGREE_2 + (rest - rest1) * (RADIANS_PER_DEGREE_1 + RADIANS_PER_DEGREE_2);
  const r = product + productLow;
  return sineInQuadrant(r, productLow - (r - product), quadrants + (k & 3));
}

/** Sine of an angle in degrees, of any size; exact at multiples of 90. */
export function sinDeg(deg: number): number {
  return shiftedSineOfDegrees(deg, 0);
}

/** Cosine of an angle in degrees, of any size; exact at multiples of 90. */
export function cosDeg(deg: number): number {
  return shiftedSineOfDegrees(deg, 1);
}
