import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { densityAt, densityOf, matradDefaultHuTable } from './hu-table.js';

const dataFolder =
  process.env.ISOLA_DATA ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const tablesFile = `${dataFolder}/params/hu_tables.json`;
const cshape = `${dataFolder}/reference/matrad/cshape`;

describe('densityAt', () => {
  const { hu, density } = matradDefaultHuTable;

  it('meets every entry of the table', () => {
    hu.forEach((value, k) => {
      expect(densityAt(matradDefaultHuTable, value)).toBe(density[k]);
    });
  });

  it('is linear in between', () => {
    expect(densityAt(matradDefaultHuTable, 50)).toBeCloseTo((1 + 1.095) / 2, 12);
    expect(densityAt(matradDefaultHuTable, -700)).toBeCloseTo(0.001 + (299 / 909) * 0.949, 12);
  });

  it('is that of the ends beyond them', () => {
    expect(densityAt(matradDefaultHuTable, -32768)).toBe(0.001);
    expect(densityAt(matradDefaultHuTable, 32767)).toBe(2.505);
  });

  it.skipIf(!existsSync(tablesFile))('has the table of params/hu_tables.json', () => {
    const table = JSON.parse(readFileSync(tablesFile, 'utf8')).matRad_default_hlut;
    expect(matradDefaultHuTable).toMatchObject({ hu: table.HU, density: table.red });
  });
});

describe('densityOf', () => {
  it('gives every voxel the density of its HU', () => {
    const hu = Int16Array.from([-32768, -1024, -700, 0, 1, 350, 3000, 32767]);
    const grid = { size: [2, 2, 2], spacingMm: [1, 1, 1], originMm: [0, 0, 0] } as const;
    const densities = densityOf({
      name: 'cube',
      grid,
      hu,
      huTable: matradDefaultHuTable,
      structures: [],
    });
    expect([...densities]).toEqual(
      [...hu].map((value) => Math.fround(densityAt(matradDefaultHuTable, value))),
    );
  });

  it.skipIf(!existsSync(cshape))("gives matRad's densities inside its c-shape phantom", () => {
    const hu = new Int16Array(arrayBuffer(`${cshape}/ct_hu.i16.bin`));
    const matrad = new Float32Array(arrayBuffer(`${cshape}/ct_red.f32.bin`));
    const body = new Int32Array(arrayBuffer(`${cshape}/struct_Body.ct.i32.bin`));
    const grid = { size: [104, 74, 52], spacingMm: [3, 3, 3], originMm: [0, 0, 0] } as const;
    const densities = densityOf({
      name: 'cshape',
      grid,
      hu,
      huTable: matradDefaultHuTable,
      structures: [],
    });
    expect(body.every((voxel) => densities[voxel] === matrad[voxel])).toBe(true);
  });
});

function arrayBuffer(file: string): ArrayBuffer {
  return Uint8Array.from(readFileSync(file)).buffer;
}
