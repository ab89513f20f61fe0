import { describe, expect, it } from 'vitest';
import { Convolution, convolve2d, convolvePair, createImage, type Image } from './index.js';

function noise(width: number, height: number, seed: number, size = 1): Image {
  const image = createImage(width, height);
  for (let i = 0; i < image.values.length; i++) {
    image.values[i] = size * Math.sin(12.9 * (i + seed) * (i + seed));
  }
  return image;
}

/** The definition. */
function directConvolution(field: Image, kernel: Image): Image {
  const out = createImage(field.width + kernel.width - 1, field.height + kernel.height - 1);
  for (let y = 0; y < field.height; y++) {
    for (let x = 0; x < field.width; x++) {
      for (let j = 0; j < kernel.height; j++) {
        for (let i = 0; i < kernel.width; i++) {
          out.values[x + i + out.width * (y + j)] +=
            field.values[x + field.width * y] * kernel.values[i + kernel.width * j];
        }
      }
    }
  }
  return out;
}

function expectClose(actual: Image, expected: Image, tolerance: number): void {
  expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
  const worst = expected.values.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - actual.values[i])),
    0,
  );
  expect(worst).toBeLessThan(tolerance);
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

const field = noise(13, 9, 1);
const kernels = [noise(6, 7, 2), noise(6, 7, 3), noise(6, 7, 4)];

describe('convolve2d', () => {
  it.each([
    [13, 9, 6, 7],
    [5, 5, 4, 4],
    [1, 1, 3, 2],
    [2, 3, 31, 14],
    [1, 17, 1, 16],
  ])('of %d x %d with %d x %d pixels is the sum of its definition', (fw, fh, kw, kh) => {
    const [a, b] = [noise(fw, fh, 5), noise(kw, kh, 6)];
    expectClose(convolve2d(a, b), directConvolution(a, b), 1e-13);
  });
  it('is as exact for a kernel much smaller than the field', () => {
    const tiny = noise(6, 7, 2, 1e-12);
    expectClose(convolve2d(field, tiny), directConvolution(field, tiny), 1e-25);
  });
  it('with a delta shifts the field, with 0 gives 0, and commutes', () => {
    const delta = createImage(4, 3);
    delta.values[2 + 4 * 1] = 1;
    const shifted = convolve2d(field, delta);
    for (let y = 0; y < 9; y++) {
      for (let x = 0; x < 13; x++) {
        const value = shifted.values[x + 2 + shifted.width * (y + 1)];
        expect(value).toBeCloseTo(field.values[x + 13 * y], 13);
      }
    }
    expect(convolve2d(field, createImage(4, 3)).values.every((value) => value === 0)).toBe(true);
    expectClose(convolve2d(kernels[0], field), convolve2d(field, kernels[0]), 1e-13);
  });
});

describe('convolvePair', () => {
  it('gives the convolution with each kernel', () => {
    const [a, b] = convolvePair(field, kernels[0], kernels[1]);
    expectClose(a, directConvolution(field, kernels[0]), 1e-13);
    expectClose(b, directConvolution(field, kernels[1]), 1e-13);
  });
});

describe('Convolution', () => {
  it.each([1, 2, 3])('of many fields with %d kernels is that of each', (count) => {
    const convolution = new Convolution(13, 9, kernels.slice(0, count));
    const outs = Array.from({ length: count }, () => createImage(18, 15));
    for (const seed of [1, 8]) {
      const input = noise(13, 9, seed);
      convolution.apply(
        input.values,
        outs.map((out) => out.values),
      );
      outs.forEach((out, k) => {
        expectClose(out, directConvolution(input, kernels[k]), 1e-13);
      });
    }
  });
  it.each([1, 2, 3])('with %d kernels has an adjoint: <A u, v> = <u, At v>', (count) => {
    const convolution = new Convolution(13, 9, kernels.slice(0, count));
    const size = convolution.outWidth * convolution.outHeight;
    const outs = Array.from({ length: count }, () => new Float64Array(size));
    const cotangents = outs.map((_, k) => noise(18, 15, 20 + k).values);
    const pulled = new Float64Array(13 * 9);
    convolution.apply(field.values, outs);
    convolution.pullback(cotangents, pulled);
    const left = outs.reduce((sum, out, k) => sum + inner(out, cotangents[k]), 0);
    expect(Math.abs(left - inner(pulled, field.values))).toBeLessThan(1e-11);
    expect(Math.abs(left)).toBeGreaterThan(0.1);
  });
  it('refuses kernels of different sizes', () => {
    expect(() => new Convolution(13, 9, [kernels[0], field])).toThrow('different sizes');
  });
});
