import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Grid } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import type { Structure } from './case.js';
import {
  findStructure,
  resampleStructures,
  resolveOverlaps,
  unionOfStructures,
} from './structures.js';
import { intersectionOf } from './voxel-sets.js';

const structure = (name: string, ...voxels: number[]): Structure => ({
  name,
  kind: 'organ',
  voxels: Uint32Array.from(voxels),
});

const target = structure('Target', 2, 3, 4, 5);
const core = structure('Core', 4, 5, 6);
const body = structure('Body', 0, 1, 2, 3, 4, 5, 6, 7);

describe('findStructure', () => {
  it('finds by the exact name and names the known ones where it fails', () => {
    const given = { structures: [target, core] };
    expect(findStructure(given, 'Core', 'goals[0]')).toBe(core);
    expect(() => findStructure(given, 'core', 'goals[0]')).toThrow(
      "goals[0]: there is no structure 'core'; there are 'Target', 'Core'",
    );
  });
});

describe('unionOfStructures', () => {
  it('holds each voxel once', () => {
    expect([...unionOfStructures([core, target])]).toEqual([2, 3, 4, 5, 6]);
    expect(unionOfStructures([]).length).toBe(0);
  });
});

describe('resolveOverlaps', () => {
  it('leaves a voxel to the lowest priority number, in any order of the structures', () => {
    const resolved = resolveOverlaps([
      { structure: body, priority: 3 },
      { structure: target, priority: 2 },
      { structure: core, priority: 1 },
    ]);
    expect(resolved.map(({ name, voxels }) => [name, [...voxels]])).toEqual([
      ['Body', [0, 1, 7]],
      ['Target', [2, 3]],
      ['Core', [4, 5, 6]],
    ]);
  });

  it('makes structures disjoint where all numbers differ, and keeps their union', () => {
    const entries = [target, core, body].map((s, k) => ({ structure: s, priority: k }));
    const resolved = resolveOverlaps(entries);
    expect(unionOfStructures(resolved)).toEqual(unionOfStructures([target, core, body]));
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < i; j++) {
        expect(intersectionOf(resolved[i].voxels, resolved[j].voxels).length).toBe(0);
      }
    }
  });

  it('lets structures of equal number share a voxel', () => {
    const resolved = resolveOverlaps([
      { structure: target, priority: 1 },
      { structure: core, priority: 1 },
    ]);
    expect(resolved).toEqual([target, core]);
  });

  it('may leave a structure empty', () => {
    const resolved = resolveOverlaps([
      { structure: body, priority: 1 },
      { structure: core, priority: 2 },
    ]);
    expect(resolved[1].voxels.length).toBe(0);
  });
});

describe('resampleStructures', () => {
  it('keeps name and kind, and gives the same structures on the same grid', () => {
    const grid: Grid = { size: [2, 2, 2], spacingMm: [3, 3, 3], originMm: [0, 0, 0] };
    expect(resampleStructures([target, body], grid, grid)).toEqual([target, body]);
  });

  it('doubles a voxel in each direction on a grid twice as fine', () => {
    const coarse: Grid = { size: [4, 1, 1], spacingMm: [2, 2, 2], originMm: [0, 0, 0] };
    const fine: Grid = { size: [8, 2, 2], spacingMm: [1, 1, 1], originMm: [-0.5, -0.5, -0.5] };
    const [resampled] = resampleStructures([structure('A', 1, 3)], coarse, fine);
    const row = [2, 3, 6, 7];
    expect([...resampled.voxels]).toEqual([0, 8, 16, 24].flatMap((r) => row.map((x) => r + x)));
  });
});

const reference = `${
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
}/reference/matrad`;

interface MatradGrid {
  readonly dims_xyz: [number, number, number];
  readonly spacing_mm: [number, number, number];
  readonly origin_mm: [number, number, number];
}

interface MatradStructure {
  readonly name: string;
  readonly priority: number;
  readonly objectives: readonly unknown[];
  readonly file_ct: string;
  readonly file_doseGrid_opt: string;
}

describe.skipIf(!existsSync(reference))("matRad's structures on its dose grid", () => {
  const gridOf = ({ dims_xyz, spacing_mm, origin_mm }: MatradGrid): Grid => ({
    size: dims_xyz,
    spacingMm: spacing_mm,
    originMm: origin_mm,
  });

  it.each(['tiny', 'cshape'])('%s: overlaps resolved on the CT, then resampled', (caseName) => {
    const folder = `${reference}/${caseName}`;
    const meta = JSON.parse(readFileSync(`${folder}/meta.json`, 'utf8'));
    const read = (file: string) =>
      new Uint32Array(Uint8Array.from(readFileSync(`${folder}/${file}`)).buffer);
    const withObjectives: MatradStructure[] = meta.structures.filter(
      ({ objectives }: MatradStructure) => objectives.length > 0,
    );
    const onCt = withObjectives.map(({ name, priority, file_ct }) => ({
      structure: { ...structure(name), voxels: read(file_ct) },
      priority,
    }));
    const resampled = resampleStructures(
      resolveOverlaps(onCt),
      gridOf(meta.ct),
      gridOf(meta.doseGrid),
    );
    withObjectives.forEach(({ file_doseGrid_opt }, k) => {
      expect(resampled[k].voxels).toEqual(read(file_doseGrid_opt));
    });
  });
});
