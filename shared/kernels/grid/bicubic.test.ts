import { describe, expect, it } from 'vitest';
import { addBicubic, createImage, type Image, sampleBicubic } from './index.js';

function image(width: number, height: number, f: (x: number, y: number) => number): Image {
  const made = createImage(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) made.values[x + width * y] = f(x, y);
  }
  return made;
}

const rough = image(9, 7, (x, y) => Math.sin(12.9 * x * x + 7.7 * y * y + x * y));
const places = Array.from({ length: 300 }, (_, i) => [
  -3 + ((i * 0.7548776662466927) % 1) * 14,
  -3 + ((i * 0.5698402909980532) % 1) * 12,
]);

function sample(of: Image, x: number, y: number): Float64Array {
  const out = new Float64Array(3);
  sampleBicubic(of, x, y, out);
  return out;
}

describe('sampleBicubic', () => {
  it('equals the pixels at their centres and is 0 two pixels outside', () => {
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 9; x++) expect(sample(rough, x, y)[0]).toBe(rough.values[x + 9 * y]);
    }
    expect(sample(rough, -2, 3)).toEqual(new Float64Array(3));
    expect(sample(rough, 4, 8)).toEqual(new Float64Array(3));
    expect(sample(rough, 1e9, -1e9)).toEqual(new Float64Array(3));
  });
  it('is exact, with its derivatives, for products of quadratics inside', () => {
    const quadratic = image(9, 7, (x, y) => (1 - x + 0.5 * x * x) * (2 + y - 0.25 * y * y));
    for (const [x, y] of places) {
      if (x < 1 || x > 7 || y < 1 || y > 5) continue;
      const [inX, inY] = [1 - x + 0.5 * x * x, 2 + y - 0.25 * y * y];
      const [value, slopeX, slopeY] = sample(quadratic, x, y);
      expect(value).toBeCloseTo(inX * inY, 10);
      expect(slopeX).toBeCloseTo((x - 1) * inY, 10);
      expect(slopeY).toBeCloseTo(inX * (1 - 0.5 * y), 10);
    }
  });
  it('has derivatives that agree with finite differences everywhere', () => {
    // Central differences: truncation h^2/6 * f''' of about 1e-10, rounding 1e-16/h of 1e-11.
    const h = 1e-5;
    for (const [x, y] of places) {
      const [, slopeX, slopeY] = sample(rough, x, y);
      const differenceX = sample(rough, x + h, y)[0] - sample(rough, x - h, y)[0];
      const differenceY = sample(rough, x, y + h)[0] - sample(rough, x, y - h)[0];
      expect(Math.abs(slopeX - differenceX / (2 * h))).toBeLessThan(1e-8);
      expect(Math.abs(slopeY - differenceY / (2 * h))).toBeLessThan(1e-8);
    }
  });
  it('is continuous with its derivatives across pixel edges, the border included', () => {
    for (let x = -2; x <= 10; x++) {
      const before = sample(rough, x - 1e-9, 2.3);
      const after = sample(rough, x + 1e-9, 2.3);
      for (let i = 0; i < 3; i++) expect(Math.abs(before[i] - after[i])).toBeLessThan(1e-7);
    }
  });
});

describe('addBicubic', () => {
  it('is the adjoint: <A u, v> = <u, At v>', () => {
    const pulled = createImage(9, 7);
    let left = 0;
    places.forEach(([x, y], i) => {
      const cotangent = Math.cos(i * i);
      left += sample(rough, x, y)[0] * cotangent;
      addBicubic(pulled, x, y, cotangent);
    });
    const right = pulled.values.reduce((sum, value, i) => sum + value * rough.values[i], 0);
    expect(Math.abs(left - right)).toBeLessThan(1e-12);
  });
});
