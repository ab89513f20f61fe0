/** Exponent and fraction bits of a float64, and exact powers of two. */
const DOUBLE = new Float64Array(1);
/** The bytes of `DOUBLE` as two words; which one holds the exponent depends on the machine. */
const WORDS = new Int32Array(DOUBLE.buffer);
const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW_WORD = 1 - HIGH_WORD;
const SQRT_HALF_HIGH_WORD = 0x3fe6a09e;

const MIN_EXPONENT = -1074;
const MAX_EXPONENT = 1023;
const POWERS_OF_TWO = new Float64Array(MAX_EXPONENT - MIN_EXPONENT + 1);
POWERS_OF_TWO[0] = Number.MIN_VALUE;
for (let i = 1; i < POWERS_OF_TWO.length; i++) POWERS_OF_TWO[i] = 2 * POWERS_OF_TWO[i - 1];

/** 2^k, exact, for an integer k in [-1074, 1023]. */
export function powerOfTwo(k: number): number {
  return POWERS_OF_TWO[k - MIN_EXPONENT];
}

/** value * 2^k with one rounding, for an integer k in [-1075, 1024]. */
export function scaleByPowerOfTwo(value: number, k: number): number {
  if (k > MAX_EXPONENT) return 2 * value * powerOfTwo(MAX_EXPONENT);
  if (k < MIN_EXPONENT) return 0.5 * value * powerOfTwo(MIN_EXPONENT);
  return value * powerOfTwo(k);
}

/** The k with x / 2^k in [sqrt(1/2), sqrt(2)), to a relative 1e-6, of a positive normal x. */
export function nearestExponent(x: number): number {
  DOUBLE[0] = x;
  return (WORDS[HIGH_WORD] - SQRT_HALF_HIGH_WORD) >> 20;
}

/** x with the lower 32 bits of its fraction cleared: products of two such numbers are exact. */
export function upperHalf(x: number): number {
  DOUBLE[0] = x;
  WORDS[LOW_WORD] = 0;
  return DOUBLE[0];
}
