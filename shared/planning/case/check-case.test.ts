import { describe, expect, it } from 'vitest';
import type { Case } from './case.js';
import { checkCase } from './check-case.js';
import { matradDefaultHuTable } from './hu-table.js';

const good: Case = {
  name: 'cube',
  grid: { size: [2, 2, 2], spacingMm: [3, 3, 2.5], originMm: [0, 0, 0] },
  hu: new Int16Array(8),
  huTable: matradDefaultHuTable,
  structures: [
    { name: 'Body', kind: 'external', voxels: Uint32Array.from([0, 1, 2, 7]) },
    { name: 'Target', kind: 'target', voxels: Uint32Array.from([1]) },
  ],
};
const withVoxels = (...voxels: number[]): Case => ({
  ...good,
  structures: [{ name: 'Target', kind: 'target', voxels: Uint32Array.from(voxels) }],
});
const withTable = (hu: number[], density: number[]): Case => ({
  ...good,
  huTable: { name: 'own', hu, density },
});

const bad: Array<[string, Case, string]> = [
  ['a size of 0', { ...good, grid: { ...good.grid, size: [2, 0, 2] } }, 'case.grid.size.y'],
  ['half a voxel', { ...good, grid: { ...good.grid, size: [2, 2, 2.5] } }, 'case.grid.size.z'],
  [
    'a spacing of 0',
    { ...good, grid: { ...good.grid, spacingMm: [0, 3, 3] } },
    'case.grid.spacingMm.x: is 0',
  ],
  [
    'an endless spacing',
    { ...good, grid: { ...good.grid, spacingMm: [3, 3, Number.POSITIVE_INFINITY] } },
    'case.grid.spacingMm.z',
  ],
  [
    'an origin that is no number',
    { ...good, grid: { ...good.grid, originMm: [0, Number.NaN, 0] } },
    'case.grid.originMm.y',
  ],
  [
    'more voxels than indices',
    { ...good, grid: { ...good.grid, size: [4096, 4096, 4096] } },
    'case.grid.size: makes',
  ],
  ['too few HU values', { ...good, hu: new Int16Array(7) }, 'case.hu: has 7 values'],
  ['a table that does not ascend', withTable([0, 0], [1, 1]), 'they must be finite and ascend'],
  ['a table with a density missing', withTable([0, 1], [1]), '2 HU values and 1 densities'],
  ['an empty table', withTable([], []), '0 HU values'],
  ['a negative density', withTable([0, 1], [-1, 1]), 'has density -1 at HU 0'],
  ['a nameless structure', { ...good, structures: [{ ...good.structures[0], name: ' ' }] }, 'name'],
  [
    'two structures of one name',
    { ...good, structures: [good.structures[0], good.structures[0]] },
    "'Body' is there twice",
  ],
  ['an empty structure', withVoxels(), "case.structures 'Target': is empty"],
  ['a repeated voxel', withVoxels(1, 1), 'has voxel 1 after 1'],
  ['descending voxels', withVoxels(2, 1), 'has voxel 1 after 2'],
  ['a voxel beyond the grid', withVoxels(0, 8), 'has voxel 8; the grid has 8'],
  [
    'a reference dose of another size',
    { ...good, referenceDoseGy: new Float32Array(9) },
    'case.referenceDoseGy: has 9 values',
  ],
  [
    'a reference dose that is no number',
    { ...good, referenceDoseGy: new Float32Array(8).fill(Number.NaN) },
    'is NaN in voxel 0',
  ],
];

describe('checkCase', () => {
  it('lets a good case pass', () => {
    expect(() => checkCase(good)).not.toThrow();
    expect(() => checkCase({ ...good, referenceDoseGy: new Float32Array(8) })).not.toThrow();
  });

  it.each(bad)('refuses %s', (_what, given, message) => {
    expect(() => checkCase(given)).toThrow(message);
    expect(() => checkCase(given)).toThrow(expect.objectContaining({ name: 'InputError' }));
  });
});
