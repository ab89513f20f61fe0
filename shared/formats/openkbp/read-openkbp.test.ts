import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '@isola/optimizers/problem';
import type { Case } from '@isola/planning/case';
import { describe, expect, it } from 'vitest';
import { readOpenKbp } from './read-openkbp.js';

/** Files of a patient whose body is a box of 20 x 16 x 10 voxels, given in array axes. */
function patientFiles(): Record<string, string> {
  const rows: string[] = [];
  const target: string[] = [];
  for (let a0 = 50; a0 < 66; a0++) {
    for (let a1 = 40; a1 < 60; a1++) {
      for (let a2 = 10; a2 < 20; a2++) {
        const index = (a0 * 128 + a1) * 128 + a2;
        rows.push(`${index},${a0 === 50 && a1 === 40 && a2 === 10 ? '5000' : '1040.0'}`);
        if (a0 === 51 && a1 < 45 && a2 === 12) target.push(`${index},`);
      }
    }
  }
  return {
    ct: `,data\n${rows.join('\n')}\n`,
    voxel_dimensions: '4.0\n3.0\n2.0\n',
    PTV70: `,data\n${target.join('\n')}\n`,
    Brainstem: `,data\n${(51 * 128 + 41) * 128 + 127},1.0\n`,
    dose: `,data\n${(51 * 128 + 41) * 128 + 13},12.5\n`,
    possible_dose_mask: ',data\n1,\n',
  };
}

function patient(changes: Record<string, string | null> = {}, packed = false): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'isola-openkbp-')), 'pt_1');
  mkdirSync(folder);
  for (const [name, text] of Object.entries({ ...patientFiles(), ...changes })) {
    if (text === null) continue;
    if (packed) writeFileSync(join(folder, `${name}.csv.gz`), gzipSync(text));
    else writeFileSync(join(folder, `${name}.csv`), text);
  }
  return folder;
}

const structure = (c: Case, name: string) => {
  const found = c.structures.find((s) => s.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

const at = (x: number, y: number, z: number) => x + 128 * (y + 128 * z);

describe('readOpenKbp', () => {
  const read = readOpenKbp(patient());

  it('puts array axis 0 on y, axis 1 on x and axis 2 against z', () => {
    expect(read.name).toBe('openkbp pt_1');
    expect(read.grid.size).toEqual([128, 128, 128]);
    expect(read.grid.spacingMm).toEqual([3, 4, 2]);
    expect(read.grid.originMm).toEqual([-190.5, -254, -127]);
    expect([...structure(read, 'PTV70').voxels]).toEqual(
      [40, 41, 42, 43, 44].map((x) => at(x, 51, 115)),
    );
    expect(read.referenceDoseGy?.[at(41, 51, 114)]).toBe(12.5);
    expect(read.referenceDoseGy?.reduce((sum, d) => sum + d, 0)).toBe(12.5);
  });

  it('makes Hounsfield units of CT numbers clipped to 4095', () => {
    expect(read.hu[at(45, 55, 115)]).toBe(40);
    expect(read.hu[at(40, 50, 117)]).toBe(3095);
    expect(read.hu[0]).toBe(-1000);
    expect(readOpenKbp(patient(), { ctOffset: 1024 }).hu[at(45, 55, 115)]).toBe(16);
  });

  it('makes the body and every structure External', () => {
    const { kind, voxels } = structure(read, 'External');
    expect(kind).toBe('external');
    expect(voxels.length).toBe(20 * 16 * 10 + 1);
    expect(read.structures.map((s) => [s.name, s.kind])).toEqual([
      ['Brainstem', 'organ'],
      ['PTV70', 'target'],
      ['External', 'external'],
    ]);
  });

  it('reads gzip as it reads plain files', () => {
    const packed = readOpenKbp(patient({}, true));
    expect(Buffer.from(packed.hu.buffer).equals(Buffer.from(read.hu.buffer))).toBe(true);
    expect(packed.structures).toEqual(read.structures);
    expect(packed.referenceDoseGy?.[at(41, 51, 114)]).toBe(12.5);
  });

  it('needs no dose', () => {
    expect('referenceDoseGy' in readOpenKbp(patient({ dose: null }))).toBe(false);
  });

  it.each<[string, Record<string, string | null>, string]>([
    ['no CT', { ct: null }, 'has no ct.csv'],
    ['NaN in the CT', { ct: ',data\n5,nan\n' }, 'ct.csv:2: the value "nan"'],
    ['a CT row without value', { ct: ',data\n5,\n' }, 'voxel index 5 has no value'],
    ['an index beyond the array', { ct: `,data\n${128 ** 3},1\n` }, '0 to 2097151'],
    ['two voxel dimensions', { voxel_dimensions: '1\n2\n' }, 'holds 2 numbers'],
    ['a voxel dimension of 0', { voxel_dimensions: '1\n2\n0\n' }, 'voxel spacing [2,1,0]'],
    ['a negative dose', { dose: ',data\n5,-1\n' }, 'dose -1 Gy'],
    ['a mask with values', { PTV70: ',data\n5,2\n' }, 'blank or 1'],
    ['an empty structure', { PTV70: ',data\n' }, 'holds no voxel'],
  ])('refuses %s', (_name, changes, problem) => {
    const folder = patient(changes);
    expect(() => readOpenKbp(folder)).toThrow(InputError);
    expect(() => readOpenKbp(folder)).toThrow(problem);
  });

  it('refuses a missing folder, a CT given twice and an offset out of range', () => {
    expect(() => readOpenKbp('/no/such/folder')).toThrow(InputError);
    const folder = patient();
    writeFileSync(join(folder, 'ct.csv.gz'), gzipSync(',data\n'));
    expect(() => readOpenKbp(folder)).toThrow('holds both ct.csv');
    expect(() => readOpenKbp(patient(), { ctOffset: -1 })).toThrow(InputError);
  });
});

const data = join(process.env.ISOLA_DATA ?? '../shared', 'data', 'openkbp');

describe.each(['pt_187', 'pt_201', 'pt_236', 'pt_242'])('OpenKBP %s', (id) => {
  const folder = join(data, id);

  it.skipIf(!existsSync(folder))(`is a patient without couch (data/openkbp/${id})`, () => {
    const patientCase = readOpenKbp(folder);
    const centre = (name: string) => {
      const { voxels } = structure(patientCase, name);
      const sum = [0, 0, 0];
      for (const v of voxels) {
        sum[0] += v % 128;
        sum[1] += Math.floor(v / 128) % 128;
        sum[2] += Math.floor(v / 128 ** 2);
      }
      return sum.map((s, axis) => (s / voxels.length) * patientCase.grid.spacingMm[axis]);
    };
    const [left, right] = [centre('LeftParotid'), centre('RightParotid')];
    expect(left[0] - right[0]).toBeGreaterThan(90);
    expect(left[0] - right[0]).toBeLessThan(150);
    expect(centre('Brainstem')[2]).toBeGreaterThan(centre('SpinalCord')[2] + 60);
    expect(centre('Larynx')[1]).toBeLessThan(centre('SpinalCord')[1] - 20);

    const inside = new Uint8Array(128 ** 3);
    const external = structure(patientCase, 'External');
    for (const v of external.voxels) inside[v] = 1;
    for (const { voxels } of patientCase.structures) {
      expect(voxels.every((v) => inside[v] === 1)).toBe(true);
    }
    // No head is longer than 240 mm or wider than 200 mm; with couch or mask frame it would be.
    const brainstem = structure(patientCase, 'Brainstem').voxels;
    const slices = new Set(brainstem.map((v) => Math.floor(v / 128 ** 2)));
    for (const z of slices) {
      const slice = external.voxels.filter((v) => Math.floor(v / 128 ** 2) === z);
      const extent = (axis: number, index: (v: number) => number) => {
        const all = Array.from(slice, index);
        return (Math.max(...all) - Math.min(...all) + 1) * patientCase.grid.spacingMm[axis];
      };
      expect(extent(0, (v) => v % 128)).toBeLessThan(200);
      expect(extent(1, (v) => Math.floor(v / 128) % 128)).toBeLessThan(240);
    }
    // Soft tissue peaks at 25 to 50 HU with the default offset.
    const counts = new Float64Array(200);
    for (const v of external.voxels) {
      const hu = patientCase.hu[v];
      if (hu >= 0 && hu < 200) counts[hu]++;
    }
    const smooth = counts.map((_, h) =>
      counts.slice(Math.max(0, h - 4), h + 5).reduce((s, c) => s + c, 0),
    );
    const peak = smooth.indexOf(Math.max(...smooth));
    expect(peak).toBeGreaterThanOrEqual(25);
    expect(peak).toBeLessThanOrEqual(50);
  });
});

describe('the reference dose of OpenKBP', () => {
  const folder = join(data, 'pt_187');

  it.skipIf(!existsSync(folder))('gives PTV70 about 70 Gy (data/openkbp/pt_187)', () => {
    const { structures, referenceDoseGy } = readOpenKbp(folder);
    const ptv = structures.find((s) => s.name === 'PTV70')?.voxels ?? new Uint32Array();
    let sum = 0;
    for (const v of ptv) sum += referenceDoseGy?.[v] ?? 0;
    expect(sum / ptv.length).toBeGreaterThan(68);
    expect(sum / ptv.length).toBeLessThan(74);
  });
});
