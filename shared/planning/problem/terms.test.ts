import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { type Case, matradDefaultHuTable } from '../case/index.js';
import { costOfDose, makeTerms, objectiveStructures, type TermSpec } from './index.js';

const grid: Grid = { size: [12, 10, 8], spacingMm: [3, 3, 3], originMm: [0, 0, 0] };
const all = Uint32Array.from({ length: 960 }, (_, v) => v);
const box = (from: number, to: number) =>
  all.filter((v) =>
    [v % 12, Math.floor(v / 12) % 10, Math.floor(v / 120)].every((i) => i >= from && i < to),
  );

const patient: Case = {
  name: 'boxes',
  grid,
  hu: new Int16Array(960),
  huTable: matradDefaultHuTable,
  structures: [
    { name: 'Body', kind: 'external', voxels: all },
    { name: 'Organ', kind: 'organ', voxels: box(4, 8) },
    { name: 'Target', kind: 'target', voxels: box(2, 6) },
    { name: 'Inner', kind: 'target', voxels: box(3, 5) },
  ],
};

const spec = (structure: string, weight = 1): TermSpec => ({
  structure,
  weight,
  objective: { type: 'squared-deviation', dosePerFractionGy: 2 },
});
const specs = [spec('Target', 100), spec('Organ', 10), spec('Body', 3), spec('Target', 5)];
const structures = objectiveStructures(patient, specs, {}, grid);
const dose = Float32Array.from(all, (v) => 1 + Math.sin(0.01 * v));

describe('structures of objectives', () => {
  it('are those with an objective, each voxel in one of them by priority', () => {
    expect(structures.map(({ name }) => name)).toEqual(['Target', 'Organ', 'Body']);
    const [target, organ, body] = structures.map(({ voxels }) => Array.from(voxels));
    expect(target).toEqual(Array.from(box(2, 6)));
    expect(organ).toEqual(Array.from(box(4, 8).filter((v) => !target.includes(v))));
    expect([...target, ...organ, ...body].sort((a, b) => a - b)).toEqual(Array.from(all));
  });

  it('follow the priorities of the plan', () => {
    const [target, organ] = objectiveStructures(patient, specs, { Organ: 0 }, grid);
    expect(organ.voxels).toEqual(box(4, 8));
    expect(target.voxels).toEqual(box(2, 6).filter((v) => !organ.voxels.includes(v)));
  });

  it('must exist and keep a voxel', () => {
    const missing = () => objectiveStructures(patient, [spec('Lung')], {}, grid);
    expect(missing).toThrow(InputError);
    expect(missing).toThrow('objectives[0].structure');
    const both = [spec('Target'), spec('Inner')];
    const hidden = () => objectiveStructures(patient, both, { Target: 1, Inner: 2 }, grid);
    expect(hidden).toThrow("objectives[1].structure: 'Inner' keeps no voxel");
  });
});

describe('terms', () => {
  it('of all voxels cost what the objectives cost on the whole grid', () => {
    const { voxels, terms } = makeTerms(structures, specs, grid, null);
    expect(voxels).toEqual({ grid, voxels: all });
    const means = structures.map(({ voxels: of }) => {
      return of.reduce((sum, v) => sum + (dose[v] - 2) ** 2, 0) / of.length;
    });
    const expected = 105 * means[0] + 10 * means[1] + 3 * means[2];
    expect(costOfDose(terms, dose) / expected).toBeCloseTo(1, 6);
    expect(terms.map(({ structure, weight }) => [structure, weight])).toEqual(
      specs.map(({ structure, weight }) => [structure, weight]),
    );
  });

  it('of some structures look at their voxels only', () => {
    const some = objectiveStructures(patient, [spec('Inner')], {}, grid);
    const { voxels, terms } = makeTerms(some, [spec('Inner')], grid, null);
    expect(voxels.voxels).toEqual(box(3, 5));
    expect(Array.from(terms[0].voxels.rows)).toEqual([...voxels.voxels.keys()]);
  });

  it('of a sample weigh as many voxels, by rows of the sample', () => {
    const sampling = { stride: 2, boundaryMm: 3, smallestSampled: 1 };
    const { voxels, terms } = makeTerms(structures, specs, grid, sampling);
    expect(voxels.voxels.length).toBeLessThan(all.length);
    for (const { structure, voxels: set } of terms) {
      const whole = structures.find(({ name }) => name === structure)?.voxels as Uint32Array;
      expect(set.total).toBe(whole.length);
      for (const row of set.rows) expect(whole.includes(voxels.voxels[row])).toBe(true);
    }
    const sampled = voxels.voxels.reduce((out, v, row) => {
      out[row] = dose[v];
      return out;
    }, new Float32Array(voxels.voxels.length));
    const full = costOfDose(makeTerms(structures, specs, grid, null).terms, dose);
    expect(costOfDose(terms, sampled) / full).toBeCloseTo(1, 1);
  });
});
