import { describe, expect, it } from 'vitest';
import {
  type Grid,
  resample,
  resamplePullback,
  resampleVoxels,
  sampleTrilinear,
  type Vec3,
  voxelCount,
} from './index.js';

const coarse: Grid = { size: [7, 5, 6], spacingMm: [4, 5, 3], originMm: [-12, -10, 2] };
const fine: Grid = { size: [15, 12, 9], spacingMm: [1.7, 2.1, 2.3], originMm: [-15, -11, 0] };

function centre(grid: Grid, voxel: number): Vec3 {
  const [nx, ny] = grid.size;
  const place = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
  return place.map((i, axis) => grid.originMm[axis] + i * grid.spacingMm[axis]) as unknown as Vec3;
}

function fill(grid: Grid, f: (point: Vec3) => number): Float32Array {
  return Float32Array.from({ length: voxelCount(grid) }, (_, i) => f(centre(grid, i)));
}

const rough = Float32Array.from({ length: voxelCount(coarse) }, (_, i) => Math.sin(12.9 * i * i));

describe('sampleTrilinear', () => {
  it('is exact for a + bx + cy + dz + products of different coordinates', () => {
    const f = ([x, y, z]: Vec3) => 1 + 2 * x - y + 0.5 * z + 0.25 * x * y - 0.125 * x * y * z;
    const values = fill(coarse, f);
    for (let i = 0; i < 200; i++) {
      const point: Vec3 = [-12 + (i * 24) / 200, -10 + ((i * 7.3) % 20), 2 + ((i * 3.1) % 15)];
      expect(sampleTrilinear(coarse, values, point)).toBeCloseTo(f(point), 3);
    }
  });
  it('equals the voxels at their centres', () => {
    for (let i = 0; i < rough.length; i++) {
      expect(sampleTrilinear(coarse, rough, centre(coarse, i))).toBeCloseTo(rough[i], 12);
    }
  });
  it('is constant from the outermost centres to the faces, and the given value outside', () => {
    const corner = rough[0];
    expect(sampleTrilinear(coarse, rough, [-13.9, -12.4, 0.6], 9)).toBe(corner);
    expect(sampleTrilinear(coarse, rough, [-14.1, -10, 2], 9)).toBe(9);
    expect(sampleTrilinear(coarse, rough, [14.1, -10, 2])).toBe(0);
    expect(sampleTrilinear(coarse, rough, [0, 0, 18.6], -1)).toBe(-1);
  });
  it('works on a grid of a single slice', () => {
    const slice: Grid = { size: [2, 2, 1], spacingMm: [1, 1, 5], originMm: [0, 0, 0] };
    const values = Float32Array.of(0, 1, 2, 3);
    expect(sampleTrilinear(slice, values, [0.5, 0.5, 2], 9)).toBe(1.5);
    expect(sampleTrilinear(slice, values, [0.5, 0.5, 3], 9)).toBe(9);
  });
});

describe('resample', () => {
  it('samples at every voxel centre', () => {
    const out = new Float32Array(voxelCount(fine));
    resample(coarse, rough, fine, out, 7);
    for (let i = 0; i < out.length; i++) {
      expect(out[i]).toBeCloseTo(sampleTrilinear(coarse, rough, centre(fine, i), 7), 6);
    }
    expect(out.includes(7)).toBe(true);
  });
  it('to the same grid changes nothing', () => {
    const out = new Float32Array(rough.length);
    resample(coarse, rough, coarse, out);
    expect(out).toEqual(rough);
  });
  it('has the adjoint resamplePullback: <A u, v> = <u, At v>', () => {
    for (const [from, to] of [
      [coarse, fine],
      [fine, coarse],
    ]) {
      const u = Float32Array.from({ length: voxelCount(from) }, (_, i) => Math.cos(3.7 * i * i));
      const v = Float32Array.from({ length: voxelCount(to) }, (_, i) => Math.sin(1.3 * i * i));
      const image = new Float32Array(voxelCount(to));
      const pulled = new Float64Array(voxelCount(from)).fill(5);
      resample(from, u, to, image);
      resamplePullback(from, to, v, pulled);
      const left = image.reduce((sum, value, i) => sum + value * v[i], 0);
      const right = pulled.reduce((sum, value, i) => sum + value * u[i], 0);
      expect(Math.abs(left - right)).toBeLessThan(1e-5);
      expect(Math.abs(left)).toBeGreaterThan(0.01);
    }
  });
});

describe('resampleVoxels', () => {
  it('takes the voxels whose nearest centre is a member, in ascending order', () => {
    const members = Uint32Array.from({ length: voxelCount(coarse) }, (_, i) => i).filter(
      (i) => rough[i] > 0.2,
    );
    const found = new Set(resampleVoxels(coarse, members, fine));
    for (let i = 0; i < voxelCount(fine); i++) {
      const place = centre(fine, i).map((c, axis) =>
        Math.floor((c - coarse.originMm[axis]) / coarse.spacingMm[axis] + 0.5),
      );
      const [x, y, z] = place;
      const isInside = place.every((p, axis) => p >= 0 && p < coarse.size[axis]);
      const nearest = x + coarse.size[0] * (y + coarse.size[1] * z);
      expect(found.has(i)).toBe(isInside && members.includes(nearest));
    }
    expect([...found]).toEqual([...found].sort((a, b) => a - b));
  });
  it('to the same grid changes nothing', () => {
    const members = Uint32Array.of(0, 3, 17, voxelCount(coarse) - 1);
    expect(resampleVoxels(coarse, members, coarse)).toEqual(members);
  });
  it('keeps the volume of a set when voxels are split', () => {
    const halves: Grid = {
      size: [14, 10, 12],
      spacingMm: [2, 2.5, 1.5],
      originMm: [-13, -11.25, 1.25],
    };
    const members = Uint32Array.of(5, 40, 41, 100, 209);
    expect(resampleVoxels(coarse, members, halves).length).toBe(8 * members.length);
  });
});
