import { describe, expect, it } from 'vitest';
import { packBlock } from '../sparse/pack.js';
import { randomColumns } from '../sparse/random-columns.js';
import { allocate, allocatedBytes, createArena } from './arena.js';
import { openMatrix } from './sparse-matrix.js';
import { threadPlace, threadVector } from './thread-place.js';

describe('a place of a thread', () => {
  it('is the same again while it is large enough, and one for each purpose and arena', () => {
    const arena = createArena();
    const first = threadPlace(arena, 'a', 100);
    const before = allocatedBytes(arena);
    expect([threadPlace(arena, 'a', 100), threadPlace(arena, 'a', 1)]).toEqual([first, first]);
    expect(allocatedBytes(arena)).toBe(before);
    const larger = threadPlace(arena, 'a', 200);
    expect(larger).toBeGreaterThanOrEqual(first + 100);
    expect(threadPlace(arena, 'a', 50)).toBe(larger);
    expect(threadPlace(arena, 'b', 50)).toBeGreaterThanOrEqual(larger + 200);
    const other = createArena();
    threadPlace(other, 'a', 1000);
    expect(threadPlace(arena, 'a', 150)).toBe(larger);
  });
});

describe('vectors that share a place', () => {
  it('keep what was written, whoever enters between, and begin with zeros', () => {
    const arena = createArena();
    const vectors = [5, 3, 8, 2].map((rows) => threadVector(arena, rows, 4 * rows + 16));
    const expected = vectors.map(({ values }) => new Float32Array(values.length));
    for (let k = 0; k < 60; k++) {
      const which = (k * k + Math.floor(k / 7)) % vectors.length;
      const { enter, values } = vectors[which];
      enter();
      expect(values).toEqual(expected[which]);
      values[k % values.length] += k;
      expected[which][k % values.length] += k;
    }
  });

  it('take no more of the arena however many there are', () => {
    const arena = createArena();
    threadVector(arena, 100, 416);
    const before = allocatedBytes(arena);
    for (let k = 0; k < 50; k++) threadVector(arena, 100 - k, 416 - 4 * k).enter();
    expect(allocatedBytes(arena)).toBe(before);
  });
});

describe('a matrix opened in a thread', () => {
  const rows = 1001;
  const arena = createArena();
  const bytes = new Uint8Array(packBlock(rows, randomColumns(1, rows, 8)));
  const offset = allocate(arena, bytes.length);
  new Uint8Array(arena.memory.buffer, offset).set(bytes);
  const block = { offset, firstColumn: 0, columns: 8, nonzeros: 0, byteLength: bytes.length };
  const open = () => openMatrix({ arena, rows, blocks: [block] });

  it('may be opened and used again and again in the same memory', async () => {
    const use = async () => {
      const matrix = open();
      const y = new Float32Array(rows);
      await matrix.multiply(new Float64Array(8).fill(0.5), y);
      await matrix.multiplyTransposed(y, new Float64Array(8));
      threadVector(arena, rows, 4 * rows + 16).enter();
      return y;
    };
    const first = await use();
    const before = allocatedBytes(arena);
    for (let k = 0; k < 20; k++) expect(await use()).toEqual(first);
    expect(allocatedBytes(arena)).toBe(before);
  });

  it('shares its memory with products that begin before it is awaited', async () => {
    const xs = Array.from({ length: 6 }, (_, k) => new Float64Array(8).fill(k));
    const outs = xs.map(() => new Float32Array(rows));
    const backs = xs.map(() => new Float64Array(8));
    await Promise.all(
      xs.flatMap((x, k) => [
        open().multiply(x, outs[k]),
        open().multiplyTransposed(new Float32Array(rows).fill(k), backs[k]),
      ]),
    );
    for (let k = 0; k < xs.length; k++) {
      const [y, back] = [new Float32Array(rows), new Float64Array(8)];
      await open().multiply(xs[k], y);
      await open().multiplyTransposed(new Float32Array(rows).fill(k), back);
      expect([outs[k], backs[k]]).toEqual([y, back]);
    }
  });
});
