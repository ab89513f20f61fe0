/**
 * Sums and products in a fixed order, in float64. Blocks of 256 terms are summed in four lanes, and
 * blocks are added in pairs, in a tree that depends on the length only; so the rounding error grows
 * with the logarithm of the length (Higham 1993, The accuracy of floating point summation).
 */

/** Numbers to be read; sums of them are float64 in any case. */
export type Floats = Float32Array | Float64Array;

/** A power of two. */
const BLOCK = 256;

/** Sum of all elements. */
export function sum(x: Floats): number {
  return sumOfRange(x, 0, x.length);
}

/** Sum of a[i] * b[i]. */
export function dot(a: Floats, b: Floats): number {
  if (a.length !== b.length) throw new Error(`dot: lengths ${a.length} and ${b.length} differ`);
  return dotOfRange(a, b, 0, a.length);
}

/** The largest power of two below `length`: the left subtree is full. */
function leftLength(length: number): number {
  return 1 << (31 - Math.clz32(length - 1));
}

function sumOfRange(x: Floats, start: number, end: number): number {
  if (end - start > BLOCK) {
    const middle = start + leftLength(end - start);
    return sumOfRange(x, start, middle) + sumOfRange(x, middle, end);
  }
  let lane0 = 0;
  let lane1 = 0;
  let lane2 = 0;
  let lane3 = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    lane0 += x[i];
    lane1 += x[i + 1];
    lane2 += x[i + 2];
    lane3 += x[i + 3];
  }
  for (; i < end; i++) lane0 += x[i];
  return lane0 + lane1 + (lane2 + lane3);
}

function dotOfRange(a: Floats, b: Floats, start: number, end: number): number {
  if (end - start > BLOCK) {
    const middle = start + leftLength(end - start);
    return dotOfRange(a, b, start, middle) + dotOfRange(a, b, middle, end);
  }
  let lane0 = 0;
  let lane1 = 0;
  let lane2 = 0;
  let lane3 = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    lane0 += a[i] * b[i];
    lane1 += a[i + 1] * b[i + 1];
    lane2 += a[i + 2] * b[i + 2];
    lane3 += a[i + 3] * b[i + 3];
  }
  for (; i < end; i++) lane0 += a[i] * b[i];
  return lane0 + lane1 + (lane2 + lane3);
}
