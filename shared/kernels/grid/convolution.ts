/**
 * Linear convolution of real images by Fourier transforms: out[x, y] is the sum over the kernel of
 * kernel[i, j] * field[x - i, y - j], with everything outside an image 0. The result has the size
 * of field plus kernel minus 1, in each direction; the transform is at least as large, so nothing
 * wraps.
 */
import { infinityNorm } from '../vector/index.js';
import { transformSize } from './fft.js';
import { Fft2d } from './fft-2d.js';
import { createImage, type Image } from './image.js';

/**
 * Convolution of many fields of one size with the same kernels, which are transformed once. Two
 * kernels share a transform as real and imaginary part, because the field is real.
 */
export class Convolution {
  readonly outWidth: number;
  readonly outHeight: number;
  private readonly fft: Fft2d;
  private readonly pairs: readonly Spectrum[];
  private readonly work: Spectrum;
  private readonly sum: Spectrum;

  /** @param kernels one or more, all of one size */
  constructor(
    readonly fieldWidth: number,
    readonly fieldHeight: number,
    readonly kernels: readonly Image[],
  ) {
    const { width, height } = kernels[0];
    if (kernels.some((kernel) => kernel.width !== width || kernel.height !== height)) {
      throw new Error('convolution: kernels of different sizes');
    }
    this.outWidth = fieldWidth + width - 1;
    this.outHeight = fieldHeight + height - 1;
    this.fft = new Fft2d(transformSize(this.outWidth), transformSize(this.outHeight));
    this.work = createSpectrum(this.fft);
    this.sum = createSpectrum(this.fft);
    this.pairs = Array.from({ length: Math.ceil(kernels.length / 2) }, (_, p) => {
      const pair = createSpectrum(this.fft);
      embed(kernels[2 * p].values, width, pair.re, this.fft.width);
      if (2 * p + 1 < kernels.length) {
        embed(kernels[2 * p + 1].values, width, pair.im, this.fft.width);
      }
      this.fft.forward(pair.re, pair.im, height);
      return pair;
    });
  }

  /** Writes field * kernel k into `outs[k]`, of outWidth * outHeight pixels. */
  apply(field: Float64Array, outs: readonly Float64Array[]): void {
    const { fft, work, sum: transform, outWidth, outHeight } = this;
    clear(transform);
    embed(field, this.fieldWidth, transform.re, fft.width);
    fft.forward(transform.re, transform.im, this.fieldHeight);
    for (let p = 0; p < this.pairs.length; p++) {
      const pair = this.pairs[p];
      for (let i = 0; i < work.re.length; i++) {
        work.re[i] = transform.re[i] * pair.re[i] - transform.im[i] * pair.im[i];
        work.im[i] = transform.re[i] * pair.im[i] + transform.im[i] * pair.re[i];
      }
      fft.inverse(work.re, work.im, outHeight);
      crop(work.re, fft.width, outs[2 * p], outWidth);
      if (2 * p + 1 < outs.length) crop(work.im, fft.width, outs[2 * p + 1], outWidth);
    }
  }

  /** out = adjoint of `apply`: the sum over k of the correlation of cotangents[k] with kernel k. */
  pullback(cotangents: readonly Float64Array[], out: Float64Array): void {
    const { fft, work, sum, outWidth, outHeight } = this;
    clear(sum);
    for (let p = 0; p < this.pairs.length; p++) {
      const pair = this.pairs[p];
      clear(work);
      embed(cotangents[2 * p], outWidth, work.re, fft.width);
      if (2 * p + 1 < cotangents.length) {
        embed(cotangents[2 * p + 1], outWidth, work.im, fft.width);
      }
      fft.forward(work.re, work.im, outHeight);
      // Times the conjugate: the real part of (a + ib) with (c + id) conjugate is ac + bd.
      for (let i = 0; i < work.re.length; i++) {
        sum.re[i] += work.re[i] * pair.re[i] + work.im[i] * pair.im[i];
        sum.im[i] += work.im[i] * pair.re[i] - work.re[i] * pair.im[i];
      }
    }
    fft.inverse(sum.re, sum.im, this.fieldHeight);
    crop(sum.re, fft.width, out, this.fieldWidth);
  }
}

/** The convolutions of a field with two kernels of one size. */
export function convolvePair(field: Image, kernelA: Image, kernelB: Image): [Image, Image] {
  const convolution = new Convolution(field.width, field.height, [kernelA, kernelB]);
  const a = createImage(convolution.outWidth, convolution.outHeight);
  const b = createImage(convolution.outWidth, convolution.outHeight);
  convolution.apply(field.values, [a.values, b.values]);
  return [a, b];
}

/**
 * The convolution of two images through one transform each way: the square of field + i kernel
 * under convolution has the imaginary part 2 field * kernel.
 */
export function convolve2d(field: Image, kernel: Image): Image {
  const out = createImage(field.width + kernel.width - 1, field.height + kernel.height - 1);
  const fieldNorm = infinityNorm(field.values);
  const kernelNorm = infinityNorm(kernel.values);
  if (fieldNorm === 0 || kernelNorm === 0) return out;
  const fft = new Fft2d(transformSize(out.width), transformSize(out.height));
  const { re, im } = createSpectrum(fft);
  embed(field.values, field.width, re, fft.width);
  embed(kernel.values, kernel.width, im, fft.width);
  // Rounding errors follow the larger part, so both are made equally large.
  const balance = fieldNorm / kernelNorm;
  for (let i = 0; i < im.length; i++) im[i] *= balance;
  fft.forward(re, im, Math.max(field.height, kernel.height));
  for (let i = 0; i < re.length; i++) {
    const square = (re[i] - im[i]) * (re[i] + im[i]);
    im[i] *= 2 * re[i];
    re[i] = square;
  }
  fft.inverse(re, im, out.height);
  crop(im, fft.width, out.values, out.width);
  for (let i = 0; i < out.values.length; i++) out.values[i] *= 0.5 / balance;
  return out;
}

/** A complex image of the size of a transform. */
interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function createSpectrum(fft: Fft2d): Spectrum {
  const size = fft.width * fft.height;
  return { re: new Float64Array(size), im: new Float64Array(size) };
}

function clear(spectrum: Spectrum): void {
  spectrum.re.fill(0);
  spectrum.im.fill(0);
}

/** Copies rows of `width` pixels into the corner of a wider image. */
function embed(image: Float64Array, width: number, out: Float64Array, outWidth: number): void {
  for (let start = 0, row = 0; start < image.length; start += width, row += outWidth) {
    out.set(image.subarray(start, start + width), row);
  }
}

/** Copies the corner of a wider image into rows of `outWidth` pixels. */
function crop(image: Float64Array, width: number, out: Float64Array, outWidth: number): void {
  for (let start = 0, row = 0; start < out.length; start += outWidth, row += width) {
    out.set(image.subarray(row, row + outWidth), start);
  }
}
