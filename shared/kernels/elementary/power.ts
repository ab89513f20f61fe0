/**
 * Powers by e^(y ln x). An error of ln x grows by y, so ln x and the product are kept as sums of
 * two float64 numbers (Dekker 1971, A floating-point technique for extending the available
 * precision): s = (m - 1) / (m + 1) and s^3, the terms that count, to more than 64 bits.
 */
import { nearestExponent, powerOfTwo, upperHalf } from './double-bits.js';
import { expSum, LN2_HIGH, LN2_LOW } from './exponential.js';
import { artanhTail } from './logarithm.js';

/**
 * x^y for x >= 0; relative error below 2 ulp. NaN for x < 0, but 1 where y is 0, for every x.
 * Infinities as in IEEE 754, but 1^Infinity is NaN as in JavaScript; -0 counts as 0.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (y === 1 && x >= 0) return x;
  if (!(x > 0 && x < Infinity && y > -Infinity && y < Infinity)) return powerOfLimit(x, y);
  const shift = x < 1e-300 ? 54 : 0;
  const normal = x * powerOfTwo(shift);
  const exponent = nearestExponent(normal);
  const m = normal * powerOfTwo(-exponent);
  const k = exponent - shift;

  // s = f / d = s1 + s2, where s1 has 21 bits, and so has d1: products of these are exact.
  const f = m - 1;
  const d = m + 1;
  const d1 = upperHalf(d);
  const d2 = d - d1 + (m - (d - 1));
  const s = f / d;
  const s1 = upperHalf(s);
  const s2 = (f - s1 * d1 - s1 * d2) / d;

  // 2 s^3 / 3 = third + thirdLow.
  const square = s1 * s1;
  const square1 = upperHalf(square);
  const cube = s1 * square1;
  const cubeLow = s1 * (square - square1) + s2 * (s * s + s * s1 + square);
  const third = upperHalf((2 * cube) / 3);
  const thirdLow = (2 * cube - 3 * third + 2 * cubeLow) / 3;

  // ln x = k ln 2 + 2 s + 2 s^3 / 3 + ... = sum + sumLow = high + low.
  const z = s * s;
  const kLn2 = k * LN2_HIGH;
  const lnM = 2 * s1 + third;
  const lnMLow = 2 * s1 - lnM + third + (2 * s2 + (thirdLow + s * z * z * artanhTail(z)));
  const sum = kLn2 + lnM;
  const sumLow = kLn2 - sum + lnM + (k * LN2_LOW + lnMLow);
  const high = upperHalf(sum + sumLow);
  const low = sumLow - (high - sum);

  const y1 = upperHalf(y);
  const product = y1 * high;
  const productLow = y1 * low + (y - y1) * (high + low);
  const yLnX = product + productLow;
  return expSum(yLnX, productLow - (yLnX - product));
}

/** x^y for x 0, infinite, negative or NaN, or y infinite or NaN. */
function powerOfLimit(x: number, y: number): number {
  if (!(x >= 0) || Number.isNaN(y) || x === 1) return NaN;
  return x > 1 === y > 0 ? Infinity : 0;
}
