import { type Grid, voxelCount } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import { machineByName } from '../machines/index.js';
import {
  doseGridOf,
  FINAL_SPACING_MM,
  finalGridOf,
  monitorUnitsPerWeight,
  onFinalGrid,
  spread,
} from './index.js';

const ct: Grid = { size: [10, 7, 5], spacingMm: [1.2, 2.5, 4], originMm: [-5, 3, 0.5] };

describe('the dose grid', () => {
  it.each([
    [1.2, 2.5, 4],
    [3, 3, 3],
    [2.4, 5, 8],
    [100, 100, 100],
  ])('of %d x %d x %d mm begins and ends with the CT', (x, y, z) => {
    const { size, spacingMm, originMm } = doseGridOf(ct, [x, y, z]);
    expect([originMm, spacingMm]).toEqual([ct.originMm, [x, y, z]]);
    for (const axis of [0, 1, 2] as const) {
      const reachMm = (ct.size[axis] - 1) * ct.spacingMm[axis] + 1e-6;
      expect((size[axis] - 1) * spacingMm[axis]).toBeLessThanOrEqual(reachMm);
      expect(size[axis] * spacingMm[axis]).toBeGreaterThan(reachMm - 2e-6);
    }
  });

  it('of the spacing of the CT is the CT', () => {
    expect(doseGridOf(ct, [1.2, 2.5, 4])).toEqual(ct);
  });

  it('takes a dose vector to its voxels, and 0 elsewhere', () => {
    const voxels = Uint32Array.of(0, 3, 17, 349);
    const full = spread(Float32Array.of(1, 2, 3, 4), { grid: ct, voxels });
    expect(full.length).toBe(voxelCount(ct));
    expect(Array.from(voxels, (v) => full[v])).toEqual([1, 2, 3, 4]);
    expect(full.reduce((sum, gy) => sum + gy, 0)).toBe(10);
  });
});

describe('the final grid', () => {
  const final = finalGridOf(ct);

  it('takes every n-th voxel of the CT, as finely as demanded', () => {
    expect(final.originMm).toEqual(ct.originMm);
    for (const axis of [0, 1, 2] as const) {
      const step = final.spacingMm[axis] / ct.spacingMm[axis];
      expect(step).toBe(Math.round(step));
      const limitMm = Math.max(FINAL_SPACING_MM, ct.spacingMm[axis]);
      expect(final.spacingMm[axis]).toBeLessThanOrEqual(limitMm);
      expect((final.size[axis] - 1) * step).toBeLessThan(ct.size[axis]);
      expect(final.size[axis] * step).toBeGreaterThanOrEqual(ct.size[axis]);
    }
  });

  it('has the voxels of a structure that are its points', () => {
    const positions = ({ size, spacingMm, originMm }: Grid, voxels: Uint32Array) =>
      Array.from(voxels, (v) => {
        const index = [v, Math.floor(v / size[0]), Math.floor(v / size[0] / size[1])];
        return index
          .map((i, a) => (originMm[a] + spacingMm[a] * (i % size[a])).toFixed(6))
          .join(' ');
      });
    const all = Uint32Array.from({ length: voxelCount(final) }, (_, v) => v);
    const points = new Set(positions(final, all));
    const voxels = Uint32Array.from({ length: 100 }, (_, i) => 3 * i + 20);
    const onFinal = onFinalGrid(ct, { name: 'a', kind: 'organ', voxels });
    expect(onFinal).toMatchObject({ name: 'a', kind: 'organ' });
    expect(positions(final, onFinal.voxels)).toEqual(
      positions(ct, voxels).filter((position) => points.has(position)),
    );
    expect(onFinal.voxels.length).toBeGreaterThan(10);
  });
});

describe('monitor units of a weight', () => {
  it('are the dose of unit fluence in the reference condition, over that of one', () => {
    // generic-6mv is scaled so that unit fluence gives 1 Gy there, and 1 MU is 0.01 Gy.
    const machine = machineByName('generic-6mv');
    expect(monitorUnitsPerWeight(machine)).toBeCloseTo(100, 1);
    const halved = { ...machine, reference: { ...machine.reference, gyPerMu: 0.02 } };
    expect(monitorUnitsPerWeight(halved)).toBeCloseTo(monitorUnitsPerWeight(machine) / 2, 9);
  });
});
