import { describe, expect, it } from 'vitest';
import type { Case } from './case.js';
import { type StructureRule, withDerivedStructures } from './derived-structures.js';
import { matradDefaultHuTable } from './hu-table.js';

/** Bars along x of a grid of 1 mm; in the middle of them nothing but x matters. */
const grid = { size: [20, 11, 11], spacingMm: [1, 1, 1], originMm: [0, 0, 0] } as const;
const bar = (first: number, last: number) =>
  Uint32Array.from({ length: 20 * 11 * 11 }, (_, v) => v).filter(
    (v) => v % 20 >= first && v % 20 <= last,
  );
const bars: Case = {
  name: 'bars',
  grid,
  hu: new Int16Array(20 * 11 * 11),
  huTable: matradDefaultHuTable,
  structures: [
    { name: 'PTV', kind: 'target', voxels: bar(8, 10) },
    { name: 'Cord left', kind: 'organ', voxels: bar(10, 11) },
  ],
};
/** x of the voxels in the middle line. */
const middle = (voxels: Uint32Array | undefined) =>
  [...(voxels ?? [])].filter((v) => Math.floor(v / 20) === 5 + 11 * 5).map((v) => v % 20);
const derived = (rule: StructureRule) =>
  withDerivedStructures(bars, { made: rule }).structures.at(-1);
const voxels = (rule: StructureRule) => middle(derived(rule)?.voxels);

describe('withDerivedStructures', () => {
  it('makes margins, unions, intersections and differences', () => {
    expect(voxels('PTV+2')).toEqual([6, 7, 8, 9, 10, 11, 12]);
    expect(voxels('PTV-1')).toEqual([9]);
    expect(voxels('(PTV+2) - PTV')).toEqual([6, 7, 11, 12]);
    expect(voxels("PTV | 'Cord left'")).toEqual([8, 9, 10, 11]);
    expect(voxels("PTV & 'Cord left'")).toEqual([10]);
  });

  it('makes rings between two margins', () => {
    expect(voxels({ from: 'PTV', marginMm: [2, 4] })).toEqual([4, 5, 13, 14]);
    expect(voxels({ from: 'PTV', marginMm: [0, 1] })).toEqual([7, 11]);
  });

  it('appends structures in order, of kind other unless given, and keeps the rest', () => {
    const made = withDerivedStructures(bars, {
      boost: { from: 'PTV-1', kind: 'target' },
      around: 'boost+1',
    });
    expect(made.structures.slice(0, 2)).toEqual(bars.structures);
    expect(made.structures.slice(2).map(({ name, kind }) => [name, kind])).toEqual([
      ['boost', 'target'],
      ['around', 'other'],
    ]);
    expect(middle(made.structures[3].voxels)).toEqual([8, 9, 10]);
    expect(bars.structures.length).toBe(2);
  });

  it.each([
    ['GTV+5', "structures.made: there is no structure 'GTV'; there are 'PTV', 'Cord left'"],
    ['PTV-2', "'PTV-2' holds no voxel"],
    ["((PTV & 'Cord left') - PTV) + 3", 'holds no voxel'],
    ['PTV+', 'column 5'],
    [{ from: 'PTV', marginMm: [5, 2] } as StructureRule, 'structures.made.marginMm: is [5, 2]'],
    [{ from: 'PTV', marginMm: [-1, 2] } as StructureRule, 'structures.made.marginMm'],
    [{ from: 'PTV', marginMm: [0, Number.NaN] } as StructureRule, 'structures.made.marginMm'],
  ])('refuses %j', (rule, message) => {
    expect(() => derived(rule)).toThrow(message);
    expect(() => derived(rule)).toThrow(expect.objectContaining({ name: 'InputError' }));
  });

  it('refuses a name that is taken', () => {
    expect(() => withDerivedStructures(bars, { PTV: 'PTV+1' })).toThrow(
      'structures.PTV: the case has a structure of that name',
    );
  });
});
