/** The kernel of line integrals: the WebAssembly version has the bits of the reference. */
import { describe, expect, it } from 'vitest';
import { referencePathIntegrals } from '../grid/path-integral.js';
import { RandomStream } from '../random/index.js';
import { type Arena, allocate, allocatedBytes, createArena } from './arena.js';
import { kernelsOn } from './wasm.js';

const [NX, NY, NZ] = [13, 9, 7];
const GRID = [NX, NY, NZ, 2, 2.5, 3, -12, -10, -9];
const stream = new RandomStream(9, 'segments');

/** Ends of segments anywhere, at voxel centres, in planes between voxels, and straight ahead. */
function endsFrom(source: readonly number[]): number[][] {
  const u = (k: number, axis: number) => stream.uniform(0, 0, k, axis);
  const lowest = [0, 1, 2].map((axis) => GRID[6 + axis] - GRID[3 + axis]);
  const extent = [0, 1, 2].map((axis) => GRID[axis] * GRID[3 + axis]);
  return Array.from({ length: 600 }, (_, k) => {
    const anywhere = [0, 1, 2].map((axis) => lowest[axis] + (extent[axis] + 6) * u(k, axis));
    if (k % 4 === 0) return anywhere;
    const index = [0, 1, 2].map((axis) => Math.floor(GRID[axis] * u(k, axis)));
    const shift = k % 4 === 1 ? 0 : 0.5;
    const snapped = index.map((i, axis) => GRID[6 + axis] + (i + shift) * GRID[3 + axis]);
    return k % 4 === 3
      ? snapped.map((end, axis) => (axis === k % 3 ? end : source[axis]))
      : snapped;
  });
}

const sources: Record<string, readonly number[]> = {
  'far off an axis': [3, -1000, 40],
  'straight before the grid': [0, -1000, 0],
  'in a plane between voxels': [1, -1000, 1.5],
  'beside it': [500, 2, -3],
  'in the grid': [1.3, 2.1, -0.7],
};

function scene(source: readonly number[]) {
  const arena = createArena();
  const place = (values: readonly number[]) => {
    const offset = allocate(arena, 8 * values.length);
    new Float64Array(arena.memory.buffer, offset, values.length).set(values);
    return offset;
  };
  const count = NX * NY * NZ;
  const densities = allocate(arena, 4 * count);
  const values = new Float32Array(arena.memory.buffer, densities, count);
  values.set(values.map((_, v) => 0.2 + stream.uniform(1, 0, 0, v)));
  const ends = endsFrom(source);
  return {
    ...{ arena, densities, ends, grid: place(GRID), source: place(source) },
    endsAt: place(ends.flat()),
    out: allocate(arena, 4 * ends.length),
  };
}

const implementations = {
  TypeScript: (arena: Arena) => referencePathIntegrals(arena.memory.buffer),
  WebAssembly: (arena: Arena) => kernelsOn(arena).pathIntegrals,
};

describe.each(Object.entries(sources))('line integrals from a source %s', (_name, source) => {
  const run = (make: (typeof implementations)[keyof typeof implementations]) => {
    const s = scene(source);
    make(s.arena)(s.grid, s.densities, s.source, s.endsAt, s.ends.length, s.out);
    return s;
  };

  it('have the same bits in all of the memory', () => {
    const memories = Object.values(implementations).map((make) => {
      const { arena } = run(make);
      return Buffer.from(new Uint8Array(arena.memory.buffer, 0, allocatedBytes(arena)));
    });
    expect(memories[1].equals(memories[0])).toBe(true);
  });

  it.each(Object.entries(implementations))(
    'are between length times density limits: %s',
    (...of) => {
      const { arena, ends, out } = run(of[1]);
      const found = new Float32Array(arena.memory.buffer, out, ends.length);
      ends.forEach((end, k) => {
        const lengthMm = Math.hypot(...end.map((e, axis) => e - source[axis]));
        const diagonalMm = Math.hypot(NX * 2, NY * 2.5, NZ * 3);
        expect(found[k]).toBeGreaterThanOrEqual(0);
        expect(found[k]).toBeLessThanOrEqual(1.2001 * Math.min(lengthMm, diagonalMm));
      });
      expect(found.some((value) => value > 5)).toBe(true);
    },
  );
});
