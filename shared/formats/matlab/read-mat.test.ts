import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { cellAt, fieldAt, numberAt, numbersAt, textAt, variableAt } from './mat-access.js';
import type { MatValue, NumericArray, NumericClass } from './mat-value.js';
import { parseMat, readMatFile } from './read-mat.js';

/** A writer of version 5 files, by the format's description, of either byte order. */
class MatWriter {
  constructor(
    readonly little = true,
    readonly small = true,
  ) {}

  element(type: number, data: Uint8Array): Uint8Array {
    const { length } = data;
    if (this.small && length > 0 && length <= 4) {
      const out = new Uint8Array(8);
      new DataView(out.buffer).setUint32(0, (length << 16) | type, this.little);
      out.set(data, 4);
      return out;
    }
    const out = new Uint8Array(8 + Math.ceil(length / 8) * 8);
    const view = new DataView(out.buffer);
    view.setUint32(0, type, this.little);
    view.setUint32(4, length, this.little);
    out.set(data, 8);
    return out;
  }

  numbers(type: number, values: NumericArray): Uint8Array {
    const data = new Uint8Array(
      values.buffer.slice(0),
      values.byteOffset,
      values.byteLength,
    ).slice();
    const width = values.BYTES_PER_ELEMENT;
    if (!this.little) {
      for (let k = 0; k < data.length; k += width) data.subarray(k, k + width).reverse();
    }
    return this.element(type, data);
  }

  matrix(name: string, classCode: number, flags: number, size: number[], ...parts: Uint8Array[]) {
    const head = [
      this.numbers(6, Uint32Array.of(classCode | (flags << 8), 0)),
      this.numbers(5, Int32Array.from(size)),
      this.element(1, new TextEncoder().encode(name)),
    ];
    return this.element(14, new Uint8Array(Buffer.concat([...head, ...parts])));
  }

  file(...variables: Uint8Array[]): Uint8Array {
    const header = new Uint8Array(128).fill(32);
    header.set(new TextEncoder().encode('MATLAB 5.0 MAT-file, test'));
    header.set(this.little ? [0, 1, 73, 77] : [1, 0, 77, 73], 124);
    return new Uint8Array(Buffer.concat([header, ...variables]));
  }

  compressed(variable: Uint8Array): Uint8Array {
    const packed = deflateSync(variable);
    const tag = new DataView(new ArrayBuffer(8));
    tag.setUint32(0, 15, this.little);
    tag.setUint32(4, packed.length, this.little);
    return new Uint8Array(Buffer.concat([new Uint8Array(tag.buffer), packed]));
  }
}

const numeric: [NumericClass, number, number, NumericArray][] = [
  ['double', 6, 9, Float64Array.of(1.5, -2, Number.NaN, Number.POSITIVE_INFINITY, 0, 1e300)],
  ['single', 7, 7, Float32Array.of(1.5, -2, 3, 4, 5, 6)],
  ['int8', 8, 1, Int8Array.of(-128, -1, 0, 1, 2, 127)],
  ['uint8', 9, 2, Uint8Array.of(0, 1, 2, 3, 4, 255)],
  ['int16', 10, 3, Int16Array.of(-32768, -1, 0, 1, 2, 32767)],
  ['uint16', 11, 4, Uint16Array.of(0, 1, 2, 3, 4, 65535)],
  ['int32', 12, 5, Int32Array.of(-(2 ** 31), -1, 0, 1, 2, 2 ** 31 - 1)],
  ['uint32', 13, 6, Uint32Array.of(0, 1, 2, 3, 4, 2 ** 32 - 1)],
  ['int64', 14, 12, BigInt64Array.of(-(2n ** 63n), -1n, 0n, 1n, 2n, 2n ** 63n - 1n)],
  ['uint64', 15, 13, BigUint64Array.of(0n, 1n, 2n, 3n, 4n, 2n ** 64n - 1n)],
];

const writers: [string, MatWriter][] = [
  ['little-endian', new MatWriter()],
  ['big-endian', new MatWriter(false)],
  ['without small elements', new MatWriter(true, false)],
];

describe.each(writers)('parseMat, %s', (_name, w) => {
  const one = (variable: Uint8Array): MatValue | undefined =>
    parseMat(w.file(variable), 'f.mat').get('v');

  it.each(numeric)('reads %s in its own type, plain and packed', (className, code, type, data) => {
    const variable = w.matrix('v', code, 0, [2, 3], w.numbers(type, data));
    const expected = { kind: 'numeric', className, size: [2, 3], data };
    expect(one(variable)).toEqual(expected);
    expect(one(w.compressed(variable))).toEqual(expected);
  });

  it('keeps the narrow type in which doubles are stored', () => {
    const variable = w.matrix('v', 6, 0, [1, 2], w.numbers(2, Uint8Array.of(3, 200)));
    expect(one(variable)).toEqual({
      kind: 'numeric',
      className: 'double',
      size: [1, 2],
      data: Uint8Array.of(3, 200),
    });
  });

  it('reads logical, complex and empty arrays', () => {
    const yes = w.matrix('v', 9, 2, [1, 1], w.numbers(2, Uint8Array.of(1)));
    expect(one(yes)).toMatchObject({ className: 'logical', data: Uint8Array.of(1) });
    const parts = [Float64Array.of(1, 2), Float64Array.of(-1, 0.5)];
    const complex = w.matrix('v', 6, 8, [2, 1], ...parts.map((p) => w.numbers(9, p)));
    expect(one(complex)).toMatchObject({ data: parts[0], imaginary: parts[1] });
    const empty = w.matrix('v', 6, 0, [0, 3], w.numbers(9, new Float64Array(0)));
    expect(one(empty)).toMatchObject({ size: [0, 3], data: new Float64Array(0) });
  });

  it('reads text of every encoding, and rows of text', () => {
    const latin = w.matrix('v', 4, 0, [1, 3], w.numbers(2, Uint8Array.of(97, 233, 98)));
    const wide = w.matrix('v', 4, 0, [1, 3], w.numbers(17 - 13, Uint16Array.of(97, 0x3b1, 98)));
    const utf8 = w.matrix('v', 4, 0, [1, 3], w.element(16, new TextEncoder().encode('aαb')));
    expect(one(latin)).toEqual({ kind: 'char', size: [1, 3], rows: ['aéb'] });
    expect(one(wide)).toEqual({ kind: 'char', size: [1, 3], rows: ['aαb'] });
    expect(one(utf8)).toEqual({ kind: 'char', size: [1, 3], rows: ['aαb'] });
    const rows = w.matrix('v', 4, 0, [2, 3], w.numbers(2, new TextEncoder().encode('adbecf')));
    expect(one(rows)).toEqual({ kind: 'char', size: [2, 3], rows: ['abc', 'def'] });
    const none = w.matrix('v', 4, 0, [0, 0], w.numbers(2, new Uint8Array(0)));
    expect(one(none)).toEqual({ kind: 'char', size: [0, 0], rows: [] });
  });

  it('reads sparse matrices as compressed columns', () => {
    // [0 2.5; 1 0; 0 -3]
    const body = [
      w.numbers(5, Int32Array.of(1, 0, 2, 0)),
      w.numbers(5, Int32Array.of(0, 1, 3)),
      w.numbers(9, Float64Array.of(1, 2.5, -3, 0)),
    ];
    expect(one(w.matrix('v', 5, 0, [3, 2], ...body))).toEqual({
      kind: 'sparse',
      size: [3, 2],
      columnStarts: Uint32Array.of(0, 1, 3),
      rowIndices: Uint32Array.of(1, 0, 2),
      values: Float64Array.of(1, 2.5, -3),
    });
  });

  it('reads cells and struct arrays, and skips objects', () => {
    const number = (value: number) =>
      w.matrix('', 6, 0, [1, 1], w.numbers(9, Float64Array.of(value)));
    const nothing = w.element(14, new Uint8Array(0));
    const cell = w.matrix('', 1, 0, [1, 2], number(7), nothing);
    const names = new Uint8Array(16);
    names.set([97], 0);
    names.set([98, 98], 8);
    const head = [w.numbers(5, Int32Array.of(8)), w.element(1, names)];
    const struct = w.matrix('v', 2, 0, [1, 2], ...head, number(1), cell, number(3), number(4));
    const opaque = w.element(
      14,
      new Uint8Array(
        Buffer.concat([w.numbers(6, Uint32Array.of(17, 0)), w.element(1, Uint8Array.of(111))]),
      ),
    );
    const variables = parseMat(w.file(struct, opaque), 'f.mat');
    expect(variables.get('o')).toEqual({ kind: 'opaque' });
    const at = variableAt(variables, 'v', 'f.mat');
    expect(numberAt(fieldAt(at, 'a'))).toBe(1);
    expect(numberAt(fieldAt(at, 'a', 1))).toBe(3);
    expect(numberAt(cellAt(fieldAt(at, 'bb'), 0, 0))).toBe(7);
    expect(numbersAt(cellAt(fieldAt(at, 'bb'), 0, 1)).length).toBe(0);
    expect(() => numberAt(cellAt(fieldAt(at, 'bb'), 0, 1))).toThrow('f.mat: v.bb{1,2}: 0 numbers');
    expect(() => cellAt(fieldAt(at, 'bb'), 0, 2)).toThrow('f.mat: v.bb{1,3}: is outside');
    expect(() => textAt(fieldAt(at, 'a', 1))).toThrow('f.mat: v(2).a: is a numeric');
    expect(() => fieldAt(at, 'c')).toThrow('f.mat: v: has no field c');
    expect(() => variableAt(variables, 'x', 'f.mat')).toThrow('has no variable x; it has v, o');
  });

  it('throws nothing but InputError for a file cut at any byte', () => {
    const names = new Uint8Array(8);
    names.set([97], 0);
    const text = w.matrix('', 4, 0, [1, 5], w.numbers(4, Uint16Array.of(1, 2, 3, 4, 5)));
    const sparse = w.matrix(
      '',
      5,
      0,
      [2, 1],
      w.numbers(5, Int32Array.of(1)),
      w.numbers(5, Int32Array.of(0, 1)),
      w.numbers(9, Float64Array.of(2)),
    );
    const cell = w.matrix('', 1, 0, [2, 1], text, sparse);
    const struct = w.matrix(
      'v',
      2,
      0,
      [1, 1],
      w.numbers(5, Int32Array.of(8)),
      w.element(1, names),
      cell,
    );
    for (const whole of [w.file(struct), w.file(w.compressed(struct))]) {
      expect(parseMat(whole, 'f').size).toBe(1);
      for (let length = 0; length < whole.length; length++) {
        expect(() => parseMat(whole.slice(0, length), 'f'), `${length}`).toThrow(InputError);
      }
      for (let k = 0; k < whole.length; k++) {
        for (const byte of [0, 1, 14, 127, 255]) {
          const damaged = whole.slice();
          damaged[k] = byte;
          try {
            parseMat(damaged, 'f');
          } catch (error) {
            expect(error, `byte ${k} = ${byte}`).toBeInstanceOf(InputError);
          }
        }
      }
    }
  });
});

describe('parseMat refuses', () => {
  const w = new MatWriter();

  it('version 7.3 with the way out', () => {
    const header = new Uint8Array(600).fill(32);
    header.set(new TextEncoder().encode('MATLAB 7.3 MAT-file, Platform: GLNXA64'));
    expect(() => parseMat(header, 'f.mat')).toThrow(
      'f.mat: is a MATLAB v7.3 (HDF5) file; save it again with save -v7',
    );
  });

  it('what is no .mat file, and an empty one', () => {
    expect(() => parseMat(new Uint8Array(200), 'f')).toThrow('not a MATLAB v5');
    expect(() => parseMat(new Uint8Array(20), 'f')).toThrow('has 20 bytes');
    expect(() => parseMat(w.file(), 'f')).toThrow('holds no variable');
  });

  it('a size that its data do not have, before allocating', () => {
    const huge = w.matrix('v', 6, 0, [1000, 1000, 1000], w.numbers(9, Float64Array.of(1)));
    expect(() => parseMat(w.file(huge), 'f')).toThrow(
      '1 numbers where the size asks for 1000000000',
    );
    const cells = w.matrix('v', 1, 0, [2 ** 30, 1]);
    expect(() => parseMat(w.file(cells), 'f')).toThrow('1073741824 matrices in 0 bytes');
  });

  it('a packed variable that claims more than deflate can pack', () => {
    const bomb = new Uint8Array(16);
    new DataView(bomb.buffer).setUint32(0, 14, true);
    new DataView(bomb.buffer).setUint32(4, 2 ** 31 - 16, true);
    expect(() => parseMat(w.file(w.compressed(bomb)), 'f')).toThrow('bytes claimed');
  });

  it('nesting without end', () => {
    let cell = w.matrix('', 1, 0, [0, 0]);
    for (let k = 0; k < 60; k++) cell = w.matrix(k === 59 ? 'v' : '', 1, 0, [1, 1], cell);
    expect(() => parseMat(w.file(cell), 'f')).toThrow('nested deeper than 50');
  });

  it('sparse matrices whose parts disagree', () => {
    const sparse = (rows: number[], starts: number[], values: number[]) =>
      w.file(
        w.matrix(
          'v',
          5,
          0,
          [2, 2],
          ...[rows, starts].map((list) => w.numbers(5, Int32Array.from(list))),
          w.numbers(9, Float64Array.from(values)),
        ),
      );
    expect(parseMat(sparse([0, 1], [0, 1, 2], [1, 2]), 'f').size).toBe(1);
    expect(() => parseMat(sparse([0, 2], [0, 1, 2], [1, 2]), 'f')).toThrow('row 2 of a sparse');
    expect(() => parseMat(sparse([0, 1], [0, 2, 1], [1, 2]), 'f')).toThrow('do not ascend');
    expect(() => parseMat(sparse([0, 1], [0, 1, 3], [1, 2]), 'f')).toThrow(InputError);
    expect(() => parseMat(sparse([0, 1], [0, 1], [1, 2]), 'f')).toThrow(InputError);
    expect(() => parseMat(sparse([0, 1], [0, 1, 2], [1]), 'f')).toThrow('1 values of 2');
  });

  it('a missing file', () => {
    expect(() => readMatFile('/no/such/file.mat')).toThrow('/no/such/file.mat: does not exist');
  });
});

it('reads a file from disk', () => {
  const w = new MatWriter();
  const path = join(mkdtempSync(join(tmpdir(), 'isola-mat-')), 'a.mat');
  writeFileSync(path, w.file(w.matrix('v', 6, 0, [1, 1], w.numbers(9, Float64Array.of(5)))));
  expect(numberAt(variableAt(readMatFile(path), 'v', path))).toBe(5);
});

const box = join(process.env.ISOLA_DATA ?? '../shared', 'data', 'matrad', 'BOXPHANTOM.mat');

describe('BOXPHANTOM', () => {
  it.skipIf(!existsSync(box))('has the sums that scipy gives (data/matrad/BOXPHANTOM.mat)', () => {
    const variables = readMatFile(box);
    const ct = variableAt(variables, 'ct', 'box');
    const hu = cellAt(fieldAt(ct, 'cubeHU'), 0).value;
    if (hu.kind !== 'numeric') throw new Error('no numbers');
    // scipy.io.loadmat: cubeHU int16, sum -3650108416; cube uint8, sum 531441.
    expect(hu.data).toBeInstanceOf(Int16Array);
    expect(Array.from(hu.data, Number).reduce((s, v) => s + v, 0)).toBe(-3650108416);
    const cube = cellAt(fieldAt(ct, 'cube'), 0);
    expect(Array.from(numbersAt(cube)).reduce((s, v) => s + v, 0)).toBe(531441);
    expect(textAt(cellAt(variableAt(variables, 'cst', 'box'), 1, 1))).toBe('OuterTarget');
  });
});
