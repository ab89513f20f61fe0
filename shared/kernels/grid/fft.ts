/**
 * Fast Fourier transforms of complex data, split in real and imaginary parts, in place. Radix 4,
 * after a first pass of length 8 for odd powers of two (Cooley and Tukey 1965, decimation in time).
 *
 * Forward: X[k] = sum over n of x[n] e^(-2 pi i k n / N). Inverse: the same with +, times 1/N.
 */
import { cosDeg, sinDeg } from '../elementary/index.js';

const SQRT_HALF = Math.sqrt(0.5);

/** Smallest power of two that is at least `length`. */
export function transformSize(length: number): number {
  return length <= 1 ? 1 : 1 << (32 - Math.clz32(length - 1));
}

/** Transforms of one size, a power of two: the twiddle factors and the order of the input. */
export class Fft {
  /** Pairs of places that bit reversal swaps. */
  private readonly swaps: Int32Array;
  /** For each radix-4 pass, and each k in it: w^k, w^2k, w^3k as (re, im). */
  private readonly twiddles: readonly Float64Array[];
  /** Length of the transforms done first, without factors: 4 or 8, or less for smaller sizes. */
  private readonly base: number;

  constructor(readonly size: number) {
    if (size < 1 || size !== transformSize(size)) {
      throw new RangeError(`transform size ${size}: must be a power of two`);
    }
    const bits = 31 - Math.clz32(size);
    this.base = Math.min(size, bits % 2 === 1 ? 8 : 4);
    this.swaps = bitReversalSwaps(size, bits);
    this.twiddles = twiddleFactors(size, this.base);
  }

  /** Transforms the `size` elements from `offset` on. */
  forward(re: Float64Array, im: Float64Array, offset = 0): void {
    const { size, swaps, twiddles, base } = this;
    for (let s = 0; s < swaps.length; s += 2) {
      const i = offset + swaps[s];
      const j = offset + swaps[s + 1];
      const swapRe = re[i];
      const swapIm = im[i];
      re[i] = re[j];
      im[i] = im[j];
      re[j] = swapRe;
      im[j] = swapIm;
    }
    const end = offset + size;
    if (base === 2) firstPassRadix2(re, im, offset, end);
    if (base === 4) firstPassRadix4(re, im, offset, end);
    if (base === 8) firstPassRadix8(re, im, offset, end);
    let quarter = base;
    for (const factors of twiddles) {
      radix4Pass(re, im, offset, end, quarter, factors);
      quarter *= 4;
    }
  }

  /** Undoes `forward`. */
  inverse(re: Float64Array, im: Float64Array, offset = 0): void {
    // Conjugation before and after turns one into the other, and so does swapping the parts.
    this.forward(im, re, offset);
    const factor = 1 / this.size;
    for (let i = offset; i < offset + this.size; i++) {
      re[i] *= factor;
      im[i] *= factor;
    }
  }
}

function bitReversalSwaps(size: number, bits: number): Int32Array {
  const swaps: number[] = [];
  for (let i = 0; i < size; i++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    if (i < reversed) swaps.push(i, reversed);
  }
  return Int32Array.from(swaps);
}

function twiddleFactors(size: number, base: number): Float64Array[] {
  const passes: Float64Array[] = [];
  for (let quarter = base; quarter < size; quarter *= 4) {
    const factors = new Float64Array(6 * quarter);
    for (let k = 0; k < quarter; k++) {
      for (let power = 1; power <= 3; power++) {
        const deg = (-90 * k * power) / quarter;
        factors[6 * k + 2 * power - 2] = cosDeg(deg);
        factors[6 * k + 2 * power - 1] = sinDeg(deg);
      }
    }
    passes.push(factors);
  }
  return passes;
}

function firstPassRadix2(re: Float64Array, im: Float64Array, start: number, end: number): void {
  for (let i = start; i < end; i += 2) {
    const aRe = re[i];
    const aIm = im[i];
    const bRe = re[i + 1];
    const bIm = im[i + 1];
    re[i] = aRe + bRe;
    im[i] = aIm + bIm;
    re[i + 1] = aRe - bRe;
    im[i + 1] = aIm - bIm;
  }
}

/** Transforms of length 4, whose input is in the order 0, 2, 1, 3. */
function firstPassRadix4(re: Float64Array, im: Float64Array, start: number, end: number): void {
  for (let i = start; i < end; i += 4) {
    const aRe = re[i];
    const aIm = im[i];
    const bRe = re[i + 2];
    const bIm = im[i + 2];
    const cRe = re[i + 1];
    const cIm = im[i + 1];
    const dRe = re[i + 3];
    const dIm = im[i + 3];
    const sumRe = aRe + cRe;
    const sumIm = aIm + cIm;
    const differenceRe = aRe - cRe;
    const differenceIm = aIm - cIm;
    const oddSumRe = bRe + dRe;
    const oddSumIm = bIm + dIm;
    const oddDifferenceRe = bRe - dRe;
    const oddDifferenceIm = bIm - dIm;
    re[i] = sumRe + oddSumRe;
    im[i] = sumIm + oddSumIm;
    re[i + 1] = differenceRe + oddDifferenceIm;
    im[i + 1] = differenceIm - oddDifferenceRe;
    re[i + 2] = sumRe - oddSumRe;
    im[i + 2] = sumIm - oddSumIm;
    re[i + 3] = differenceRe - oddDifferenceIm;
    im[i + 3] = differenceIm + oddDifferenceRe;
  }
}

/** Transforms of length 8, whose input is in the order 0, 4, 2, 6, 1, 5, 3, 7. */
function firstPassRadix8(re: Float64Array, im: Float64Array, start: number, end: number): void {
  firstPassRadix4(re, im, start, end);
  for (let i = start; i < end; i += 8) {
    // Twiddle factors 1, (1 - i) sqrt(1/2), -i and -(1 + i) sqrt(1/2).
    const b0Re = re[i + 4];
    const b0Im = im[i + 4];
    const b1Re = (re[i + 5] + im[i + 5]) * SQRT_HALF;
    const b1Im = (im[i + 5] - re[i + 5]) * SQRT_HALF;
    const b2Re = im[i + 6];
    const b2Im = -re[i + 6];
    const b3Re = (im[i + 7] - re[i + 7]) * SQRT_HALF;
    const b3Im = -(re[i + 7] + im[i + 7]) * SQRT_HALF;
    re[i + 4] = re[i] - b0Re;
    im[i + 4] = im[i] - b0Im;
    re[i + 5] = re[i + 1] - b1Re;
    im[i + 5] = im[i + 1] - b1Im;
    re[i + 6] = re[i + 2] - b2Re;
    im[i + 6] = im[i + 2] - b2Im;
    re[i + 7] = re[i + 3] - b3Re;
    im[i + 7] = im[i + 3] - b3Im;
    re[i] += b0Re;
    im[i] += b0Im;
    re[i + 1] += b1Re;
    im[i + 1] += b1Im;
    re[i + 2] += b2Re;
    im[i + 2] += b2Im;
    re[i + 3] += b3Re;
    im[i + 3] += b3Im;
  }
}

/**
 * Joins transforms of length `quarter` by four, from `start` to `end`. By bit reversal each four
 * hold the elements n = 0, 2, 1, 3 modulo 4.
 */
function radix4Pass(
  re: Float64Array,
  im: Float64Array,
  start: number,
  end: number,
  quarter: number,
  twiddles: Float64Array,
): void {
  for (let block = start; block < end; block += 4 * quarter) {
    let t = 0;
    for (let i0 = block; i0 < block + quarter; i0++, t += 6) {
      const i1 = i0 + quarter;
      const i2 = i1 + quarter;
      const i3 = i2 + quarter;
      const x1Re = re[i2];
      const x1Im = im[i2];
      const w1Re = twiddles[t];
      const w1Im = twiddles[t + 1];
      const bRe = x1Re * w1Re - x1Im * w1Im;
      const bIm = x1Re * w1Im + x1Im * w1Re;
      const x2Re = re[i1];
      const x2Im = im[i1];
      const w2Re = twiddles[t + 2];
      const w2Im = twiddles[t + 3];
      const cRe = x2Re * w2Re - x2Im * w2Im;
      const cIm = x2Re * w2Im + x2Im * w2Re;
      const x3Re = re[i3];
      const x3Im = im[i3];
      const w3Re = twiddles[t + 4];
      const w3Im = twiddles[t + 5];
      const dRe = x3Re * w3Re - x3Im * w3Im;
      const dIm = x3Re * w3Im + x3Im * w3Re;
      const aRe = re[i0];
      const aIm = im[i0];
      const sumRe = aRe + cRe;
      const sumIm = aIm + cIm;
      const differenceRe = aRe - cRe;
      const differenceIm = aIm - cIm;
      const oddSumRe = bRe + dRe;
      const oddSumIm = bIm + dIm;
      const oddDifferenceRe = bRe - dRe;
      const oddDifferenceIm = bIm - dIm;
      re[i0] = sumRe + oddSumRe;
      im[i0] = sumIm + oddSumIm;
      re[i1] = differenceRe + oddDifferenceIm;
      im[i1] = differenceIm - oddDifferenceRe;
      re[i2] = sumRe - oddSumRe;
      im[i2] = sumIm - oddSumIm;
      re[i3] = differenceRe - oddDifferenceIm;
      im[i3] = differenceIm + oddDifferenceRe;
    }
  }
}
