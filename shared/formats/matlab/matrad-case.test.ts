import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import type { HuTable } from '@isola/planning/case';
import { describe, expect, it } from 'vitest';
import type { MatValue, NumericArray } from './mat-value.js';
import { matradCase, readMatradCase } from './matrad-case.js';

const water: HuTable = { name: 'water', hu: [-1000, 0], density: [0, 1] };

const numbers = (data: NumericArray, size = [data.length, 1]): MatValue => ({
  kind: 'numeric',
  className: 'double',
  size,
  data,
});
const number = (value: number) => numbers(Float64Array.of(value));
const text = (line: string): MatValue => ({ kind: 'char', size: [1, line.length], rows: [line] });
const cell = (cells: MatValue[], size = [1, cells.length]): MatValue => ({
  kind: 'cell',
  size,
  cells,
});
const struct = (fields: Record<string, MatValue>): MatValue => ({
  kind: 'struct',
  size: [1, 1],
  fields: new Map(Object.entries(fields).map(([name, value]) => [name, [value]])),
});

// ny = 3, nx = 2, nz = 2; HU = 100 x + 10 y + z.
const cube = Int16Array.from({ length: 12 }, (_, k) => {
  const y = k % 3;
  const x = Math.floor(k / 3) % 2;
  return 100 * x + 10 * y + Math.floor(k / 6);
});

function ctFields(): Record<string, MatValue> {
  return {
    cubeDim: numbers(Uint8Array.of(3, 2, 2), [1, 3]),
    resolution: struct({ x: number(4), y: number(5), z: number(6) }),
    cubeHU: cell([numbers(cube, [3, 2, 2])]),
  };
}

function cst(rows: [name: string, type: string, indices: number[], priority: number][]): MatValue {
  const columns = [
    rows.map((_, k) => number(k)),
    rows.map(([name]) => text(name)),
    rows.map(([, type]) => text(type)),
    rows.map(([, , indices]) => cell([numbers(Int32Array.from(indices))])),
    rows.map(([, , , priority]) => struct({ Priority: number(priority) })),
    rows.map(() => cell([])),
  ];
  return cell(columns.flat(), [rows.length, 6]);
}

const rows: [string, string, number[], number][] = [
  ['BODY', 'OAR', [12, 1, 2], 3],
  ['CTV', 'TARGET', [5], 1],
  ['Cord', 'OAR', [3], 2],
  ['Couch', 'IGNORED', [4], 9],
];

const file = (ct = ctFields(), table = cst(rows)) =>
  new Map([
    ['ct', struct(ct)],
    ['cst', table],
  ]);

describe('matradCase', () => {
  const { case: read, overlapPriorities } = matradCase(file(), 'dir/toy.mat', water);

  it('turns (y, x, z) cubes and 1-based indices round', () => {
    expect(read.name).toBe('matrad toy');
    expect(read.grid).toEqual({ size: [2, 3, 2], spacingMm: [4, 5, 6], originMm: [-4, -7.5, -6] });
    for (let v = 0; v < 12; v++) {
      const [x, y, z] = [v % 2, Math.floor(v / 2) % 3, Math.floor(v / 6)];
      expect(read.hu[v]).toBe(100 * x + 10 * y + z);
    }
    // 1-based 5 is y = 1, x = 1, z = 0; 12 is the last voxel, 2 is y = 1, x = 0.
    expect([...read.structures[1].voxels]).toEqual([3]);
    expect([...read.structures[0].voxels]).toEqual([0, 2, 11]);
  });

  it('keeps names, kinds and priorities', () => {
    expect(read.structures.map(({ name, kind }) => [name, kind])).toEqual([
      ['BODY', 'external'],
      ['CTV', 'target'],
      ['Cord', 'organ'],
      ['Couch', 'other'],
    ]);
    expect(overlapPriorities).toEqual([3, 1, 2, 9]);
  });

  it('takes the origin from axis vectors, else from the DICOM position', () => {
    const position = struct({ ImagePositionPatient: numbers(Float64Array.of(1, 2, 3)) });
    const ct = { ...ctFields(), dicomInfo: position };
    expect(matradCase(file(ct), 'f', water).case.grid.originMm).toEqual([1, 2, 3]);
    const axes = { x: numbers(Float64Array.of(-9, -5)), y: number(-8), z: number(-7) };
    expect(matradCase(file({ ...ct, ...axes }), 'f', water).case.grid.originMm).toEqual([
      -9, -8, -7,
    ]);
  });

  const nan = Float64Array.from(cube);
  nan[7] = Number.NaN;
  it.each<[string, Map<string, MatValue>, string]>([
    [
      'NaN in the CT',
      file({ ...ctFields(), cubeHU: cell([numbers(nan, [3, 2, 2])]) }),
      'f: ct.cubeHU{1,1} value 8: NaN',
    ],
    [
      'a cube of another size',
      file({ ...ctFields(), cubeHU: cell([numbers(cube, [2, 3, 2])]) }),
      'has the size [2,3,2]',
    ],
    [
      'too many voxels',
      file({ ...ctFields(), cubeDim: numbers(Uint16Array.of(1000, 1000, 1000)) }),
      'f: ct.cubeDim: 1000 x 1000 x 1000',
    ],
    [
      'no resolution',
      file({ ...ctFields(), resolution: struct({ x: number(1) }) }),
      'f: ct.resolution: has no field y',
    ],
    [
      'spacing 0',
      file({ ...ctFields(), resolution: struct({ x: number(0), y: number(1), z: number(1) }) }),
      'voxel spacing [0,1,1]',
    ],
    [
      'index 0',
      file(ctFields(), cst([['A', 'OAR', [0], 1]])),
      'f: cst{1,4}{1,1} value 1: voxel index 0; 1 to 12',
    ],
    ['index 13', file(ctFields(), cst([['A', 'OAR', [13], 1]])), 'voxel index 13; 1 to 12'],
    ['a voxel twice', file(ctFields(), cst([['A', 'OAR', [3, 3], 1]])), 'listed twice'],
    ['no cst', new Map([['ct', struct(ctFields())]]), 'has no variable cst; it has ct'],
    ['cst of another kind', file(ctFields(), number(1)), 'is a numeric of size [1,1]'],
  ])('refuses %s', (_name, variables, problem) => {
    expect(() => matradCase(variables, 'f', water)).toThrow(InputError);
    expect(() => matradCase(variables, 'f', water)).toThrow(problem);
  });
});

const box = join(process.env.ISOLA_DATA ?? '../shared', 'data', 'matrad', 'BOXPHANTOM.mat');

describe('BOXPHANTOM', () => {
  it.skipIf(!existsSync(box))('is a cube in a cube of water (data/matrad/BOXPHANTOM.mat)', () => {
    const { case: read, overlapPriorities } = readMatradCase(box, { huTable: water });
    expect(read.grid.size).toEqual([160, 160, 160]);
    expect(read.grid.spacingMm).toEqual([3, 3, 3]);
    expect(read.grid.originMm).toEqual([-240, -240, -240]);
    // scipy: sum of cubeHU -3650108416; 531441 = 81^3 and 9261 = 21^3 voxels.
    expect(read.hu.reduce((s, v) => s + v, 0)).toBe(-3650108416);
    const [body, target] = read.structures;
    expect([body.name, body.kind, body.voxels.length]).toEqual(['BODY', 'external', 531441]);
    expect([target.name, target.kind, target.voxels.length]).toEqual([
      'OuterTarget',
      'target',
      9261,
    ]);
    expect(overlapPriorities).toEqual([2, 1]);
    expect(body.voxels.every((v) => read.hu[v] === 0)).toBe(true);
  });
});
