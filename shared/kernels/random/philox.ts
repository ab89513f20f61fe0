/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, Parallel random numbers: as easy as 1, 2, 3): a
 * bijection of 128-bit counters for each 64-bit key, whose outputs are the random numbers. Words
 * are unsigned 32-bit integers, the lowest first.
 */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Upper 32 bits of the 64-bit product a * b. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (cross >>> 16);
}

/** Writes the four random words of a key (two words) and a counter (four words) into `out`. */
export function philox4x32(
  key: ArrayLike<number>,
  counter: ArrayLike<number>,
  out: Uint32Array,
): void {
  let key0 = key[0] | 0;
  let key1 = key[1] | 0;
  let word0 = counter[0] | 0;
  let word1 = counter[1] | 0;
  let word2 = counter[2] | 0;
  let word3 = counter[3] | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, word0);
    const high1 = multiplyHigh(MULTIPLIER_1, word2);
    const low0 = Math.imul(MULTIPLIER_0, word0);
    const low1 = Math.imul(MULTIPLIER_1, word2);
    word0 = high1 ^ word1 ^ key0;
    word1 = low1;
    word2 = high0 ^ word3 ^ key1;
    word3 = low0;
    key0 = (key0 + WEYL_0) | 0;
    key1 = (key1 + WEYL_1) | 0;
  }
  out[0] = word0;
  out[1] = word1;
  out[2] = word2;
  out[3] = word3;
}
