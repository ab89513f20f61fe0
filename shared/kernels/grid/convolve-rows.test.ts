import { describe, expect, it } from 'vitest';
import { allocate, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { convolveRows, referenceConvolveRows } from './convolve-rows.js';

const stream = new RandomStream(1, 'convolve-rows');
const random = (length: number, k: number) =>
  Float64Array.from({ length }, (_, i) => stream.uniform(k, 0, 0, i) - 0.5);

describe('rows convolved with a profile', () => {
  it.each([
    [1, 5, 1],
    [3, 20, 4],
    [7, 61, 53],
    [2, 9, 9],
  ])('%i rows of %i, %i taps: the kernel has the bits of the reference', (rows, width, count) => {
    const length = width - count + 1;
    const image = random(rows * width, 1);
    const taps = random(count, 2);
    const results = [referenceConvolveRows, null].map((reference) => {
      const arena = createArena();
      const at = [image, taps].map((values) => {
        const offset = allocate(arena, values.byteLength);
        new Float64Array(arena.memory.buffer, offset, values.length).set(values);
        return offset;
      });
      const out = allocate(arena, 8 * rows * length);
      const kernel = reference?.(arena.memory.buffer) ?? kernelsOn(arena).convolveRows;
      kernel(at[0], rows, width, at[1], count, out);
      return Array.from(new Float64Array(arena.memory.buffer, out, rows * length));
    });
    expect(results[0]).toEqual(results[1]);
  });

  it('moves an impulse to where the taps look for it', () => {
    const image = new Float64Array(9);
    image[4] = 1;
    const out = new Float64Array(7);
    convolveRows(image, 9, Float64Array.of(3, 5, 7), out);
    expect(Array.from(out)).toEqual([0, 0, 7, 5, 3, 0, 0]);
  });
});
