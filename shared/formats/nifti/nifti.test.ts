import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Grid } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { ctNifti, doseNifti, maskNifti, parseNifti, readNifti } from './index.js';

const grid: Grid = { size: [4, 3, 2], spacingMm: [2, 2.5, 3], originMm: [-10, -20.5, 30] };
const doseGy = Float32Array.from({ length: 24 }, (_, v) => v * 1.1);
const packed = doseNifti(doseGy, grid);
const plain = new Uint8Array(gunzipSync(packed));

/** The file with numbers of its header changed. */
function changed(edit: (view: DataView) => void): Uint8Array {
  const bytes = plain.slice();
  edit(new DataView(bytes.buffer));
  return bytes;
}

describe('doseNifti', () => {
  it('reads back bit for bit', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'isola-nifti-')), 'dose.nii.gz');
    writeFileSync(path, packed);
    expect(readNifti(path)).toEqual({ grid, values: doseGy });
    expect(parseNifti(plain, 'dose.nii')).toEqual({ grid, values: doseGy });
  });

  it('gives the same bytes again, without time or system', () => {
    expect(doseNifti(doseGy.slice(), grid)).toEqual(packed);
    expect([...packed.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, packed[8], 255]);
  });

  it('follows the NIfTI-1 layout: RAS affine, mm, float32 from byte 352', () => {
    const view = new DataView(plain.buffer);
    const floats = (at: number, count: number) =>
      Array.from({ length: count }, (_, k) => view.getFloat32(at + 4 * k, true));
    expect(view.getInt32(0, true)).toBe(348);
    expect(Array.from({ length: 8 }, (_, k) => view.getInt16(40 + 2 * k, true))).toEqual([
      3, 4, 3, 2, 1, 1, 1, 1,
    ]);
    expect([view.getInt16(70, true), view.getInt16(72, true)]).toEqual([16, 32]);
    expect(floats(76, 4)).toEqual([1, 2, 2.5, 3]);
    expect(view.getUint8(123)).toBe(2);
    expect([view.getInt16(252, true), view.getInt16(254, true)]).toEqual([1, 1]);
    // Quaternion (0, 0, 1) is a half turn about z; offsets and rows mirror x and y of LPS.
    expect(floats(256, 6)).toEqual([0, 0, 1, 10, 20.5, 30]);
    expect(floats(280, 12)).toEqual([-2, 0, 0, 10, 0, -2.5, 0, 20.5, 0, 0, 3, 30]);
    expect(new TextDecoder().decode(plain.subarray(344, 348))).toBe('n+1\0');
    expect(plain.length).toBe(352 + 4 * 24);
    expect(floats(352, 24)).toEqual([...doseGy]);
  });
});

describe('ctNifti', () => {
  it('keeps every Hounsfield unit, as int16', () => {
    const hu = Int16Array.from(doseGy, (_, v) => [-32768, -1000, 0, 40, 32767][v % 5]);
    const bytes = new Uint8Array(gunzipSync(ctNifti(hu, grid)));
    const view = new DataView(bytes.buffer);
    expect([view.getInt16(70, true), view.getInt16(72, true)]).toEqual([4, 16]);
    expect(bytes.length).toBe(352 + 2 * 24);
    expect(parseNifti(bytes, 'f')).toEqual({ grid, values: Float32Array.from(hu) });
  });
});

describe('maskNifti', () => {
  it('is 1 inside and 0 elsewhere, as uint8', () => {
    const bytes = new Uint8Array(gunzipSync(maskNifti(Uint32Array.of(0, 5, 23), grid)));
    const view = new DataView(bytes.buffer);
    expect([view.getInt16(70, true), view.getInt16(72, true)]).toEqual([2, 8]);
    expect(bytes.length).toBe(352 + 24);
    const { values } = parseNifti(bytes, 'f');
    expect([...values.keys()].filter((v) => values[v] === 1)).toEqual([0, 5, 23]);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(3);
  });
});

describe('parseNifti', () => {
  it('turns axes that run against LPS', () => {
    // The same numbers stored on RAS axes: +x and +y.
    const ras = changed((view) => {
      view.setFloat32(280, 2, true);
      view.setFloat32(292, 4, true);
      view.setFloat32(300, 2.5, true);
      view.setFloat32(308, 15.5, true);
    });
    const { grid: read, values } = parseNifti(ras, 'f');
    expect(read).toEqual(grid);
    for (let v = 0; v < 24; v++) {
      const [x, y, z] = [v % 4, Math.floor(v / 4) % 3, Math.floor(v / 12)];
      expect(values[v]).toBe(doseGy[3 - x + 4 * (2 - y + 3 * z)]);
    }
  });

  it('applies slope and intercept', () => {
    const scaled = changed((view) => {
      view.setFloat32(112, 2, true);
      view.setFloat32(116, -1, true);
    });
    expect(parseNifti(scaled, 'f').values).toEqual(doseGy.map((d) => d * 2 - 1));
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a volume too large',
      changed((v) => {
        for (const at of [42, 44, 46]) v.setInt16(at, 1000, true);
      }),
      '1000000000 voxels',
    ],
    ['a size of 0', changed((v) => v.setInt16(42, 0, true)), 'not a grid size'],
    ['a negative size', changed((v) => v.setInt16(42, -4, true)), 'not a grid size'],
    [
      'a series',
      changed((v) => [v.setInt16(40, 4, true), v.setInt16(48, 5, true)]),
      'three dimensions',
    ],
    ['complex numbers', changed((v) => v.setInt16(70, 32, true)), 'f: datatype: 32'],
    ['oblique axes', changed((v) => v.setFloat32(284, 0.5, true)), 'axes parallel'],
    ['a singular affine', changed((v) => v.setFloat32(280, 0, true)), 'axes parallel'],
    ['NaN in the affine', changed((v) => v.setFloat32(280, Number.NaN, true)), 'axes parallel'],
    [
      'NaN among the voxels',
      changed((v) => v.setFloat32(352 + 20, Number.NaN, true)),
      'f: voxel 5: NaN',
    ],
    ['another format', new Uint8Array(400), 'not a NIfTI-1 file'],
  ])('refuses %s', (_name, bytes, problem) => {
    expect(() => parseNifti(bytes, 'f')).toThrow(InputError);
    expect(() => parseNifti(bytes, 'f')).toThrow(problem);
  });

  it('throws nothing but InputError for a file cut or damaged at any byte', () => {
    for (let length = 0; length < plain.length; length++) {
      expect(() => parseNifti(plain.slice(0, length), 'f'), `${length}`).toThrow(InputError);
    }
    for (let k = 0; k < 352; k++) {
      for (const byte of [0, 1, 127, 128, 255]) {
        const damaged = plain.slice();
        damaged[k] = byte;
        try {
          parseNifti(damaged, 'f');
        } catch (error) {
          expect(error, `byte ${k} = ${byte}`).toBeInstanceOf(InputError);
        }
      }
    }
  });
});
