import { describe, expect, it } from 'vitest';
import { cropped, fieldOfView } from './field-of-view.js';
import { structureRuns } from './structure-runs.js';
import { syntheticReport } from './synthetic-report.js';
import { decodeVolumes } from './viewer/decode.js';
import { averagedDown, embedVolumes } from './volumes.js';

const report = syntheticReport(32);
const box = fieldOfView(report);

describe('embedVolumes and decodeVolumes', () => {
  it('give back dose, CT and structures', async () => {
    const embedded = embedVolumes(report, box);
    const { ct, dose, structures } = await decodeVolumes(embedded);
    const doseThere = cropped(report.doseGy, report.doseGrid, box);
    expect(dose.grid).toEqual(doseThere.grid);
    const { quantumGy } = embedded.dose;
    expect(quantumGy).toBeLessThan(0.02);
    dose.doseGy.forEach((doseGy, i) => {
      expect(Math.abs(doseGy - doseThere.volume[i])).toBeLessThan(0.501 * quantumGy);
    });
    const ctThere = cropped(report.hu, report.grid, box);
    expect(ct.grid).toEqual(ctThere.grid);
    ct.hu.forEach((hu, i) => {
      const exactHu = ctThere.volume[i];
      const stepHu = exactHu < -200 ? 20 : exactHu < 300 ? 3 : 25;
      expect(Math.abs(hu - exactHu)).toBeLessThanOrEqual(stepHu / 2);
    });
    report.structures.forEach(({ voxels }, k) => {
      const runs = structures.runs[k];
      const back: number[] = [];
      for (let i = 0; i < runs.length; i += 2) {
        for (let voxel = runs[i]; voxel < runs[i] + runs[i + 1]; voxel++) back.push(voxel);
      }
      expect(back).toEqual([...voxels]);
    });
  });

  it('does with a dose of zero everywhere', async () => {
    const doseGy = new Float32Array(report.doseGy.length);
    const { dose } = await decodeVolumes(embedVolumes({ ...report, doseGy }, box));
    expect(dose.doseGy.every((value) => value === 0)).toBe(true);
  });

  it('average down to fewer voxels and say so', async () => {
    const embedded = embedVolumes(report, box, 1000);
    const { ct } = await decodeVolumes(embedded);
    expect(embedded.reduced).toBe(true);
    expect(ct.hu.length).toBeLessThanOrEqual(1000);
  });
});

describe('averagedDown', () => {
  it('keeps a linear field where it is', () => {
    const grid = { size: [9, 8, 6], spacingMm: [1, 2, 2.5], originMm: [-4, 3, 10] } as const;
    const at = (g: { spacingMm: readonly number[]; originMm: readonly number[] }, i: number[]) =>
      i.reduce((sum, k, axis) => sum + (axis + 1) * (g.originMm[axis] + k * g.spacingMm[axis]), 0);
    const field = Float32Array.from({ length: 9 * 8 * 6 }, (_, i) =>
      at(grid, [i % 9, Math.floor(i / 9) % 8, Math.floor(i / 72)]),
    );
    const small = averagedDown(field, grid, 60);
    const [nx, ny, nz] = small.grid.size;
    expect(nx * ny * nz).toBeLessThanOrEqual(60);
    for (let i = 0; i < nx * ny * nz; i++) {
      const index = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
      expect(small.volume[i]).toBeCloseTo(at(small.grid, index), 4);
    }
  });
});

describe('fieldOfView', () => {
  it('is the external outline with a margin, within the CT', () => {
    const grid = { size: [40, 40, 40], spacingMm: [2, 2, 2], originMm: [0, 0, 0] } as const;
    const voxel = 20 + 40 * (10 + 40 * 1);
    const structures = [
      { name: 'Body', kind: 'external' as const, voxels: Uint32Array.of(voxel, voxel + 1) },
    ];
    const view = fieldOfView({ grid, structures });
    expect(view.lowMm).toEqual([39 - 15, 19 - 15, -1]);
    expect(view.highMm).toEqual([43 + 15, 21 + 15, 3 + 15]);
    expect(fieldOfView({ grid, structures: [] })).toEqual({
      lowMm: [-1, -1, -1],
      highMm: [79, 79, 79],
    });
  });
});

describe('structureRuns', () => {
  it('breaks runs at gaps and at the end of a line', () => {
    expect([...structureRuns(Uint32Array.of(2, 3, 4, 5, 7, 8), 4)]).toEqual([
      2, 2, 4, 2, 7, 1, 8, 1,
    ]);
    expect([...structureRuns(new Uint32Array(0), 4)]).toEqual([]);
  });
});
