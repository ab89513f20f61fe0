import type { Grid } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import { createObjective } from '../objectives/index.js';
import { fineZone, type SampledStructure, sampleStructure } from './index.js';

const grid: Grid = { size: [22, 19, 15], spacingMm: [2, 2, 3], originMm: [0, 0, 0] };
const COUNT = 22 * 19 * 15;
const indexOf = (v: number) => [v % 22, Math.floor(v / 22) % 19, Math.floor(v / (22 * 19))];
const positionMm = (v: number) => indexOf(v).map((i, axis) => i * grid.spacingMm[axis]);
const distanceMm = (v: number, w: number) => {
  const [a, b] = [positionMm(v), positionMm(w)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
};
const all = Uint32Array.from({ length: COUNT }, (_, v) => v);
const ball = (x: number, y: number, z: number, radiusMm: number) =>
  all.filter((v) => {
    const p = positionMm(v);
    return Math.hypot(p[0] - x, p[1] - y, p[2] - z) < radiusMm;
  });

const target = ball(16, 18, 20, 9);
const organ = ball(26, 18, 22, 14).filter((v) => !target.includes(v));
const body = all.filter((v) => indexOf(v)[0] > 0);
const boundaryMm = 4.5;
const fine = fineZone(grid, [target], boundaryMm);

const within = (v: number, others: Uint32Array) =>
  others.some((w) => distanceMm(v, w) <= boundaryMm + 1e-9);

describe('the fine zone', () => {
  it('is what lies near the surface of a target, on either side', () => {
    const outside = all.filter((v) => !target.includes(v));
    for (const v of ball(16, 18, 20, 18)) {
      const isNear = within(v, target) && within(v, outside);
      expect(fine[v]).toBe(isNear ? 1 : 0);
    }
    expect(fine.reduce((sum, flag) => sum + flag, 0)).toBeGreaterThan(100);
  });

  it('has every voxel of a target with a neighbour outside, and that neighbour', () => {
    const isTarget = new Set(target);
    for (const v of target) {
      for (const step of [1, -1, 22, -22, 22 * 19, -22 * 19]) {
        if (isTarget.has(v + step)) continue;
        expect([fine[v], fine[v + step]]).toEqual([1, 1]);
      }
    }
  });

  it('of several targets is the union of theirs', () => {
    const other = ball(32, 30, 30, 5);
    const both = fineZone(grid, [target, other], boundaryMm);
    const alone = fineZone(grid, [other], boundaryMm);
    expect(both).toEqual(fine.map((flag, v) => flag | alone[v]));
    expect(fineZone(grid, [], boundaryMm)).toEqual(new Uint8Array(COUNT));
  });
});

const structures = { target, organ, body };

describe.each(Object.entries(structures))('a sample of the %s', (_name, voxels) => {
  const sample = (stride: number) =>
    sampleStructure(grid, voxels, fine, { stride, boundaryMm, smallestSampled: 10 });

  it.each([2, 3, 4, 100])('with stride %i stands for all of it', (stride) => {
    const sampled = sample(stride);
    const total = sampled.weights.reduce((sum, weight) => sum + weight, 0);
    expect(total).toBe(voxels.length);
    expect(sampled.weights.length).toBe(sampled.voxels.length);
    const isIn = new Set(voxels);
    sampled.voxels.forEach((v, k) => {
      expect(isIn.has(v)).toBe(true);
      if (k > 0) expect(v).toBeGreaterThan(sampled.voxels[k - 1]);
    });
  });

  it.each([2, 3, 4])('with stride %i keeps all that is near a target surface', (stride) => {
    const { voxels: kept, weights } = sample(stride);
    const weightOf = new Map(Array.from(kept, (v, k) => [v, weights[k]]));
    for (const v of voxels) if (fine[v] === 1) expect(weightOf.get(v)).toBe(1);
  });

  it.each([2, 3, 4])('with stride %i has one voxel elsewhere for those of its cell', (stride) => {
    const cellOf = (v: number) =>
      indexOf(v)
        .map((i) => Math.floor(i / stride))
        .join(' ');
    const counts = new Map<string, number>();
    for (const v of voxels) {
      if (fine[v] === 0) counts.set(cellOf(v), (counts.get(cellOf(v)) ?? 0) + 1);
    }
    const { voxels: kept, weights } = sample(stride);
    kept.forEach((v, k) => {
      if (fine[v] === 1) return;
      expect(weights[k]).toBe(counts.get(cellOf(v)));
      counts.delete(cellOf(v));
    });
    expect(counts.size).toBe(0);
  });

  it('with stride 1 is the structure itself', () => {
    expect(sample(1)).toEqual({ voxels, weights: new Float64Array(voxels.length).fill(1) });
  });

  it('is the structure itself where that is small', () => {
    const spec = { stride: 3, boundaryMm, smallestSampled: voxels.length + 1 };
    expect(sampleStructure(grid, voxels, fine, spec)).toEqual(sample(1));
    const larger = { ...spec, smallestSampled: voxels.length };
    const kept = sampleStructure(grid, voxels, fine, larger).voxels.length;
    expect(kept).toBe(sample(3).voxels.length);
  });

  it('has a mean and a squared deviation that tend to those of the whole', () => {
    // From 1 to 2 Gy, with a gradient below 0.021 Gy/mm.
    const dose = Float32Array.from(all, (v) => {
      const [x, y, z] = positionMm(v);
      return 1.5 + 0.5 * Math.sin(0.03 * x + 0.02 * y) * Math.cos(0.02 * z);
    });
    const cost = (
      type: 'mean' | 'squared-deviation',
      { voxels: rows, weights }: SampledStructure,
    ) =>
      createObjective({ type, dosePerFractionGy: type === 'mean' ? 0 : 1.2 }).value(dose, {
        rows,
        weights,
        total: weights.reduce((sum, weight) => sum + weight, 0),
      });
    for (const stride of [1, 2, 3, 4]) {
      // No voxel is further from the one that stands for it than the diagonal of a cell.
      const diagonalMm = (stride - 1) * Math.hypot(2, 2, 3);
      for (const [type, slopePerGy] of [
        ['mean', 1],
        ['squared-deviation', 1.6],
      ] as const) {
        const error = Math.abs(cost(type, sample(stride)) - cost(type, sample(1)));
        expect(error).toBeLessThanOrEqual(slopePerGy * 0.021 * diagonalMm);
      }
    }
  });
});
