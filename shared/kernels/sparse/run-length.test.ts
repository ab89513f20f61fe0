import { describe, expect, it } from 'vitest';
import { packBlock, type SparseColumn } from './pack.js';
import { randomColumns } from './random-columns.js';
import {
  blockBytes,
  blockIsSound,
  HEADER_BYTES,
  runWords,
  sealBlock,
  viewBlock,
  writeHeader,
  writeRun,
} from './run-length.js';

/** The entries of one column of a block, in order; zeros are left out. */
function unpack(buffer: ArrayBuffer, offset: number, j: number): SparseColumn {
  const { scales, runStarts, valueStarts, runs, values } = viewBlock(buffer, offset);
  const found: [number, number][] = [];
  let row = 0;
  let at = 4 * valueStarts[j];
  for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
    row += runs[r] & 0xffff;
    for (let k = 0; k < 4 * (runs[r] >>> 16); k++, at++) {
      if (values[at] > 0) found.push([row + k, scales[j] * values[at]]);
    }
  }
  expect(at).toBe(4 * valueStarts[j + 1]);
  return {
    rows: Uint32Array.from(found, ([r]) => r),
    values: Float32Array.from(found, ([, value]) => value),
  };
}

const shapes = [
  { rows: 3000, columns: 25 },
  { rows: 200_000, columns: 10 },
  { rows: 5, columns: 5 },
];

describe.each(shapes)('a packed block of $rows x $columns', ({ rows, columns }) => {
  const matrix = randomColumns(rows, rows, columns);
  const buffer = packBlock(rows, matrix);
  const block = viewBlock(buffer, 0);

  it('tells its sizes', () => {
    const entries = matrix.reduce((sum, column) => sum + column.rows.length, 0);
    expect([block.rows, block.columns, block.nonzeros]).toEqual([rows, columns, entries]);
    expect(block.byteLength).toBe(buffer.byteLength);
    expect(buffer.byteLength % 16).toBe(0);
  });

  it('holds every entry to half a step, which is the largest of its column / 65535', () => {
    matrix.forEach((column, j) => {
      const largest = column.values.reduce((a, b) => Math.max(a, b), 0);
      const step = largest / 0xffff;
      const unpacked = unpack(buffer, 0, j);
      const inBlock = new Map(Array.from(unpacked.rows, (row, k) => [row, unpacked.values[k]]));
      column.rows.forEach((row, k) => {
        const error = Math.abs((inBlock.get(row) ?? 0) - column.values[k]);
        // The scale itself is rounded to float32, half an ulp of up to 65535 steps.
        expect(error).toBeLessThanOrEqual((0.5 + 0xffff * 2 ** -23) * step);
        inBlock.delete(row);
      });
      expect(inBlock.size).toBe(0);
    });
  });

  it('is the same at another place in memory', () => {
    const offset = 4096;
    const moved = new ArrayBuffer(offset + buffer.byteLength);
    new Uint8Array(moved, offset).set(new Uint8Array(buffer));
    expect(blockIsSound(moved, offset)).toBe(true);
    for (let j = 0; j < columns; j++)
      expect(unpack(moved, offset, j)).toEqual(unpack(buffer, 0, j));
  });
});

describe('a block', () => {
  const sound = packBlock(400, randomColumns(1, 400, 7));

  it('is found damaged after any one byte has changed', () => {
    expect(blockIsSound(sound, 0)).toBe(true);
    for (let at = 0; at < sound.byteLength; at++) {
      const bytes = new Uint8Array(sound.slice(0));
      bytes[at] ^= 1 << (at % 8);
      expect(blockIsSound(bytes.buffer, 0), `byte ${at}`).toBe(false);
    }
  });

  it('is found damaged where its end is missing', () => {
    for (const bytes of [0, 16, HEADER_BYTES, sound.byteLength - 4]) {
      expect(blockIsSound(sound.slice(0, bytes), 0)).toBe(false);
    }
  });

  it('is not seen in foreign bytes', () => {
    expect(() => viewBlock(new ArrayBuffer(256), 0)).toThrow('not a run-length block');
    const newer = sound.slice(0);
    new Uint32Array(newer)[1]++;
    expect(() => viewBlock(newer, 0)).toThrow('not a run-length block');
  });

  it('has disjoint sections in the header that is written for its sizes', () => {
    const size = { rows: 9, columns: 3, runWords: 5, quads: 7 };
    const buffer = new ArrayBuffer(16 + blockBytes(size));
    const { scales, runStarts, valueStarts, runs, values } = writeHeader(buffer, 16, size);
    const sections = [scales, runStarts, valueStarts, runs, values];
    expect(sections.map((section) => section.length)).toEqual([3, 4, 4, 5, 28]);
    let end = 16 + HEADER_BYTES;
    for (const section of sections) {
      expect(section.byteOffset).toBeGreaterThanOrEqual(end);
      end = section.byteOffset + section.byteLength;
    }
    expect(values.byteOffset % 16).toBe(0);
    expect(end).toBeLessThanOrEqual(buffer.byteLength);
    sealBlock(buffer, 16, 0);
    expect(blockIsSound(buffer, 16)).toBe(true);
  });
});

describe('a run word', () => {
  it.each([0, 1, 65534, 65535, 65536, 131070, 131071, 1e6])('bridges a gap of %i rows', (gap) => {
    const words = new Uint32Array(32);
    const end = writeRun(words, 2, gap, 9);
    expect(end - 2).toBe(runWords(gap));
    const written = Array.from(words.subarray(2, end));
    expect(written.reduce((sum, word) => sum + (word & 0xffff), 0)).toBe(gap);
    expect(written.map((word) => word >>> 16)).toEqual([...written.slice(1).map(() => 0), 3]);
  });

  it('refuses a run that is longer than it can say', () => {
    expect(() => writeRun(new Uint32Array(1), 0, 0, 4 * 0xffff)).not.toThrow();
    expect(() => writeRun(new Uint32Array(1), 0, 0, 4 * 0xffff + 1)).toThrow('262141 rows');
  });
});
