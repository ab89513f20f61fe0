import { describe, expect, it } from 'vitest';
import { Fft, Fft2d, transformSize } from './index.js';

function noise(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(12.9 * (i + seed) * (i + seed)));
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

function energy(re: Float64Array, im: Float64Array): number {
  return re.reduce((sum, value, i) => sum + value * value + im[i] * im[i], 0);
}

/** The definition. */
function directTransform(re: Float64Array, im: Float64Array): [Float64Array, Float64Array] {
  const n = re.length;
  const out: [Float64Array, Float64Array] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((i * k) % n)) / n;
      out[0][k] += re[i] * Math.cos(angle) - im[i] * Math.sin(angle);
      out[1][k] += re[i] * Math.sin(angle) + im[i] * Math.cos(angle);
    }
  }
  return out;
}

describe('transformSize', () => {
  it('is the smallest power of two that is large enough', () => {
    const sizes = [0, 1, 2, 3, 4, 5, 511, 512, 513].map(transformSize);
    expect(sizes).toEqual([1, 1, 2, 4, 4, 8, 512, 512, 1024]);
  });
});

describe('Fft', () => {
  const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

  it.each(sizes)('of size %d is the discrete Fourier transform', (size) => {
    const [re, im] = [noise(size, 1), noise(size, 7)];
    const [directRe, directIm] = directTransform(re, im);
    new Fft(size).forward(re, im);
    expect(largestDifference(re, directRe)).toBeLessThan(2e-15 * size);
    expect(largestDifference(im, directIm)).toBeLessThan(2e-15 * size);
  });
  it.each(sizes)('of size %d keeps the energy (Parseval) and is undone by its inverse', (size) => {
    const [re, im] = [noise(size, 2), noise(size, 3)];
    const fft = new Fft(size);
    const before = energy(re, im);
    fft.forward(re, im);
    expect(energy(re, im) / size / before).toBeCloseTo(1, 13);
    fft.inverse(re, im);
    expect(largestDifference(re, noise(size, 2))).toBeLessThan(1e-15 * Math.log2(size + 2));
    expect(largestDifference(im, noise(size, 3))).toBeLessThan(1e-15 * Math.log2(size + 2));
  });
  it('turns a delta into ones, exactly, and ones into a delta', () => {
    const [re, im] = [new Float64Array(256), new Float64Array(256)];
    re[0] = 1;
    const fft = new Fft(256);
    fft.forward(re, im);
    expect(re).toEqual(new Float64Array(256).fill(1));
    expect(im.every((value) => value === 0)).toBe(true);
    fft.forward(re, im);
    expect(re[0]).toBe(256);
    expect(energy(re, im)).toBe(256 ** 2);
  });
  it('is linear', () => {
    const fft = new Fft(128);
    const [aRe, aIm, bRe, bIm] = [noise(128, 1), noise(128, 2), noise(128, 3), noise(128, 4)];
    const sumRe = aRe.map((value, i) => 3 * value - bRe[i]);
    const sumIm = aIm.map((value, i) => 3 * value - bIm[i]);
    fft.forward(aRe, aIm);
    fft.forward(bRe, bIm);
    fft.forward(sumRe, sumIm);
    expect(
      largestDifference(
        sumRe,
        aRe.map((value, i) => 3 * value - bRe[i]),
      ),
    ).toBeLessThan(1e-12);
    expect(
      largestDifference(
        sumIm,
        aIm.map((value, i) => 3 * value - bIm[i]),
      ),
    ).toBeLessThan(1e-12);
  });
  it('touches nothing outside its part of an array', () => {
    const [re, im] = [noise(100, 1), noise(100, 2)];
    new Fft(32).forward(re, im, 40);
    const isOutside = (_: number, i: number) => i < 40 || i >= 72;
    expect(re.filter(isOutside)).toEqual(noise(100, 1).filter(isOutside));
    expect(im.filter(isOutside)).toEqual(noise(100, 2).filter(isOutside));
  });
  it('refuses sizes that are not powers of two', () => {
    for (const size of [0, 3, 12, -4, 2.5]) {
      expect(() => new Fft(size)).toThrow(`transform size ${size}`);
    }
  });
});

describe('Fft2d', () => {
  it.each([
    [8, 4],
    [4, 32],
    [16, 16],
    [1, 8],
    [64, 2],
  ])('of %d x %d transforms rows, then columns', (width, height) => {
    const [re, im] = [noise(width * height, 1), noise(width * height, 2)];
    const [rowsRe, rowsIm] = [re.slice(), im.slice()];
    for (let y = 0; y < height; y++) {
      const row = [y * width, (y + 1) * width];
      const [outRe, outIm] = directTransform(re.slice(...row), im.slice(...row));
      rowsRe.set(outRe, y * width);
      rowsIm.set(outIm, y * width);
    }
    new Fft2d(width, height).forward(re, im);
    for (let x = 0; x < width; x++) {
      const column = (_: number, i: number) => i % width === x;
      const [outRe, outIm] = directTransform(rowsRe.filter(column), rowsIm.filter(column));
      expect(largestDifference(re.filter(column), outRe)).toBeLessThan(1e-12);
      expect(largestDifference(im.filter(column), outIm)).toBeLessThan(1e-12);
    }
  });
  it('may skip rows that are 0 and rows that are not needed', () => {
    const fft = new Fft2d(16, 32);
    const [re, im] = [noise(512, 1).fill(0, 16 * 9), noise(512, 2).fill(0, 16 * 9)];
    const [allRe, allIm] = [re.slice(), im.slice()];
    fft.forward(re, im, 9);
    fft.forward(allRe, allIm);
    expect([re, im]).toEqual([allRe, allIm]);
    fft.inverse(re, im, 9);
    expect(largestDifference(re.subarray(0, 144), noise(512, 1))).toBeLessThan(1e-14);
    expect(largestDifference(im.subarray(0, 144), noise(512, 2))).toBeLessThan(1e-14);
  });
});
