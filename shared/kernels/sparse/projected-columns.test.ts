/** The spec of projected columns, for every implementation of them. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, allocatedBytes, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import type { Kernels } from './kernels.js';
import { referenceColumns } from './projected-columns.js';
import { ROW_PADDING } from './run-length.js';

type Columns = ReturnType<typeof referenceColumns>;

/** Each is made when all memory is allocated. */
const implementations: Record<string, (arena: Arena) => Columns> = {
  TypeScript: (arena) => referenceColumns(arena.memory.buffer),
  WebAssembly: (arena): Kernels => kernelsOn(arena),
};

const SIZE = [11, 7, 5] as const;
const COUNT = SIZE[0] * SIZE[1] * SIZE[2];
const NODES = 33;
const NODES_PER_UNIT = 6;

/** Three linear forms, each as value at voxel (0, 0, 0) and change along x, y and z. */
type Frame = readonly number[];

const at = (frame: Frame, form: number, [x, y, z]: readonly number[]) =>
  frame[4 * form] + x * frame[4 * form + 1] + y * frame[4 * form + 2] + z * frame[4 * form + 3];

/** A frame with its apex at `apex` and the given directions of a, b and c. */
function frameAt(apex: readonly number[], directions: readonly (readonly number[])[]): Frame {
  return directions.flatMap((d) => [-(d[0] * apex[0] + d[1] * apex[1] + d[2] * apex[2]), ...d]);
}

const stream = new RandomStream(1, 'frames');

function randomFrame(index: number): Frame {
  const u = (draw: number) => stream.uniform(0, 0, index, draw);
  // Half of the apices lie in or near the grid, half far away.
  const reach = index % 2 === 0 ? 1.5 : 20;
  const apex = SIZE.map((n, axis) => (n - 1) / 2 + reach * n * (u(axis) - 0.5));
  const row = (from: number) => [u(from) - 0.5, u(from + 1) - 0.5, u(from + 2) - 0.5];
  return frameAt(apex, [row(3), row(6), row(9)]);
}

const [X, Y, Z] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const minus = (v: readonly number[]) => v.map((value) => -value);

/** Grid lines run along x: parallel to the axis, across it, and along the side of the cone. */
const specialFrames: Record<string, Frame> = {
  'axis along x, apex before the grid': frameAt([-6, 3, 2], [Y, Z, X]),
  'axis along x, apex before the grid, between lines': frameAt([-6.5, 2.4, 1.3], [Y, Z, X]),
  'axis against x, apex behind the grid': frameAt([16, 3, 2], [Z, Y, minus(X)]),
  'axis along x, apex at a voxel': frameAt([4, 3, 2], [Y, Z, X]),
  'axis along x, apex on a line between voxels': frameAt([4.3, 3, 2], [Y, Z, X]),
  'axis against x, apex in the grid': frameAt([4.3, 3.1, 2], [Y, Z, minus(X)]),
  'axis along x, all of the grid behind the apex': frameAt([30, 3, 2], [Y, Z, X]),
  'axis across the lines': frameAt([5, -3, 2], [X, Z, Y]),
  'axis across the lines, apex in the grid': frameAt([5, 3.5, 2], [X, Z, Y]),
  'axis against y, all of the grid behind the apex': frameAt([5, -3, 2], [X, Z, minus(Y)]),
  'side of the cone along the lines': frameAt([-5, 1, 2], [[0.8, -0.6, 0], Z, [0.8, 0.6, 0]]),
  'side of the cone against the lines': frameAt([16, 1, 2], [[0.8, 0.6, 0], Z, [-0.8, 0.6, 0]]),
};
const CUTOFFS = [0.15, 1, 4];

/** A grid of which about every sixth voxel is no row, ready for columns. */
function scene(frame: Frame) {
  const arena = createArena();
  const { buffer } = arena.memory;
  const isRow = Array.from({ length: COUNT }, (_, v) => stream.uniform(1, 0, 0, v) > 0.17);
  // One grid line without any row.
  isRow.fill(false, 5 * SIZE[0], 6 * SIZE[0]);
  const voxels = [...isRow.keys()].filter((v) => isRow[v]);
  const rows = voxels.length;
  const place = (values: Float32Array | Float64Array | Uint32Array) => {
    const offset = allocate(arena, values.byteLength);
    new Uint8Array(buffer, offset).set(new Uint8Array(values.buffer));
    return offset;
  };
  const prefix = new Uint32Array(COUNT + 1);
  isRow.forEach((flag, v) => {
    prefix[v + 1] = prefix[v] + Number(flag);
  });
  const lines = [...Array(SIZE[1] * SIZE[2]).keys()]
    .filter((line) => prefix[(line + 1) * SIZE[0]] > prefix[line * SIZE[0]])
    .map((line) => [(line % SIZE[1]) | (Math.floor(line / SIZE[1]) << 16), line * SIZE[0]]);
  const xIndex = new Float32Array(rows + ROW_PADDING);
  xIndex.set(voxels.map((v) => v % SIZE[0]));
  const random = (name: number, length: number) =>
    Float32Array.from({ length }, (_, i) => stream.uniform(2, name, 0, i) - 0.1);
  const coefficients = random(0, 4 * (rows + ROW_PADDING));
  const table = random(1, 4 * NODES * NODES);
  const most = rows + 4 * lines.length;
  return {
    ...{ arena, voxels, rows, frame, coefficients, table, lineCount: lines.length },
    forms: place(Float64Array.from(frame)),
    prefix: place(prefix),
    lines: place(Uint32Array.from(lines.flat())),
    xIndex: place(xIndex),
    coefficientsAt: place(coefficients),
    tableAt: place(table),
    runs: allocate(arena, 12 * lines.length),
    values: allocate(arena, 4 * most),
    levels: allocate(arena, 2 * most),
    y: allocate(arena, 4 * (rows + ROW_PADDING)),
  };
}

type Scene = ReturnType<typeof scene>;

const placeOf = (voxel: number) => [
  voxel % SIZE[0],
  Math.floor(voxel / SIZE[0]) % SIZE[1],
  Math.floor(voxel / (SIZE[0] * SIZE[1])),
];

function findRuns(kernels: Columns, s: Scene, cutoff: number): number {
  return kernels.findRuns(s.forms, cutoff, s.lines, s.lineCount, s.prefix, SIZE[0], s.runs);
}

function columnValues(kernels: Columns, s: Scene, runCount: number): number {
  const { forms, runs, xIndex, coefficientsAt, tableAt, values } = s;
  const centre = (NODES - 1) / 2;
  return kernels.columnValues(
    ...([forms, runs, runCount, xIndex, coefficientsAt, tableAt] as const),
    ...([NODES, NODES_PER_UNIT, centre, values] as const),
  );
}

/** First row, number of rows, y and z of each run. */
const runsOf = ({ arena, runs }: Scene, count: number) =>
  Array.from({ length: count }, (_, r) => {
    const [row, length, line] = new Uint32Array(arena.memory.buffer, runs + 12 * r, 3);
    return { row, length, y: line & 0xffff, z: line >>> 16 };
  });

/** The entry of a voxel in float64: the bilinear table at the projected place. */
function entry({ frame, voxels, table, coefficients }: Scene, row: number): number {
  const p = placeOf(voxels[row]);
  const centre = (NODES - 1) / 2;
  const c = at(frame, 2, p);
  const u = (NODES_PER_UNIT * at(frame, 0, p)) / c + centre;
  const v = (NODES_PER_UNIT * at(frame, 1, p)) / c + centre;
  const [iu, iv] = [Math.floor(u), Math.floor(v)];
  const [wu, wv] = [u - iu, v - iv];
  let sum = 0;
  for (let k = 0; k < 4; k++) {
    const node = (i: number, j: number) => table[4 * (i * NODES + j) + k];
    const near = (1 - wv) * node(iu, iv) + wv * node(iu, iv + 1);
    const far = (1 - wv) * node(iu + 1, iv) + wv * node(iu + 1, iv + 1);
    sum += coefficients[4 * row + k] * ((1 - wu) * near + wu * far);
  }
  return Math.max(0, sum);
}

/** Is the voxel in the cone? Null on its surface, where rounding may say either. */
function isInside(frame: Frame, cutoff: number, p: readonly number[]): boolean | null {
  const [a, b, c] = [at(frame, 0, p), at(frame, 1, p), at(frame, 2, p)];
  const excess = a * a + b * b - cutoff * c * c;
  const size = Math.max(...frame.map(Math.abs)) ** 2;
  if (Math.abs(excess) <= 1e-10 * size) return null;
  return excess < 0 && c > 0;
}

function expectRunsOfCone(s: Scene, cutoff: number, count: number) {
  const inRuns = new Set<number>();
  let before = -1;
  for (const { row, length, y, z } of runsOf(s, count)) {
    expect(length).toBeGreaterThan(0);
    expect(row).toBeGreaterThan(before);
    before = row + length - 1;
    for (let r = row; r <= before; r++) {
      inRuns.add(r);
      expect(placeOf(s.voxels[r]).slice(1)).toEqual([y, z]);
    }
  }
  const wrong = s.voxels.filter((voxel, row) => {
    const inside = isInside(s.frame, cutoff, placeOf(voxel));
    return inside !== null && inside !== inRuns.has(row);
  });
  expect(wrong.map(placeOf)).toEqual([]);
  return inRuns;
}

describe.each(Object.keys(implementations))('columns in %s', (name) => {
  const made = (frame: Frame) => {
    const s = scene(frame);
    return { s, kernels: implementations[name](s.arena) };
  };

  it('have as rows the voxels in the cone before its apex: random cones', () => {
    let found = 0;
    for (let index = 0; index < 300; index++) {
      const { s, kernels } = made(randomFrame(index));
      for (const cutoff of CUTOFFS) {
        found += expectRunsOfCone(s, cutoff, findRuns(kernels, s, cutoff)).size;
      }
    }
    expect(found).toBeGreaterThan(300 * 10);
  });

  it.each(Object.entries(specialFrames))('have the same: %s', (title, frame) => {
    let found = 0;
    for (const cutoff of CUTOFFS) {
      const { s, kernels } = made(frame);
      found += expectRunsOfCone(s, cutoff, findRuns(kernels, s, cutoff)).size;
    }
    expect(found > 0).toBe(!title.includes('all of the grid behind'));
  });

  it('have the values of the table at the projected places', () => {
    for (let index = 0; index < 40; index++) {
      const { s, kernels } = made(randomFrame(index));
      // Within a cone of slope 2 the table of 16 / 6 units is large enough.
      const count = findRuns(kernels, s, 4);
      const largest = columnValues(kernels, s, count);
      let next = s.values / 4;
      let seen = 0;
      const f32 = new Float32Array(s.arena.memory.buffer);
      for (const { row, length } of runsOf(s, count)) {
        for (let k = 0; k < 4 * Math.ceil(length / 4); k++) {
          const value = f32[next + k];
          if (k >= length) expect(value).toBe(0);
          // Near its apex a cone's projection magnifies the rounding of a and b.
          else if (at(s.frame, 2, placeOf(s.voxels[row + k])) > 0.1) {
            expect(Math.abs(value - entry(s, row + k))).toBeLessThan(2e-4);
          }
          seen = Math.max(seen, value);
        }
        next += 4 * Math.ceil(length / 4);
      }
      expect(largest).toBe(seen);
    }
  });

  it('are rounded to levels of 16 bits, to half a level', () => {
    const { s, kernels } = made(specialFrames['axis along x, apex before the grid']);
    const values = new Float32Array(s.arena.memory.buffer, s.values, 40);
    values.set(values.map((_, i) => Math.max(0, stream.uniform(3, 0, 0, i) - 0.2)));
    values[7] = 1e-9;
    values[9] = 1;
    const positive = kernels.quantise(s.values, 10, 0xffff, s.levels);
    const levels = new Uint16Array(s.arena.memory.buffer, s.levels, 40);
    expect(positive).toBe(values.filter((value) => value > 0).length);
    values.forEach((value, i) => {
      expect(Math.abs(levels[i] - value * 0xffff)).toBeLessThanOrEqual(0.5 + 0xffff * 2 ** -24);
    });
    expect([levels[7], levels[9]]).toEqual([0, 0xffff]);
  });

  it('are rounded to the even level from halfway, and to the highest from above', () => {
    const { s, kernels } = made(specialFrames['axis along x, apex before the grid']);
    const values = new Float32Array(s.arena.memory.buffer, s.values, 8);
    values.set([0.5, 1.5, 2.5, 0.49999997, 65534.5, 65535.4, 7e4, 1e30]);
    expect(kernels.quantise(s.values, 2, 1, s.levels)).toBe(8);
    const levels = new Uint16Array(s.arena.memory.buffer, s.levels, 8);
    expect(Array.from(levels)).toEqual([0, 2, 2, 0, 65534, 65535, 65535, 65535]);
  });

  it('are added to a vector by their rows', () => {
    const { s, kernels } = made(specialFrames['axis along x, apex before the grid']);
    const count = findRuns(kernels, s, 1);
    columnValues(kernels, s, count);
    const y = new Float32Array(s.arena.memory.buffer, s.y, s.rows + ROW_PADDING);
    y.fill(0.25);
    const expected = Float64Array.from(y);
    const f32 = new Float32Array(s.arena.memory.buffer);
    let next = s.values / 4;
    for (const { row, length } of runsOf(s, count)) {
      for (let k = 0; k < length; k++) expected[row + k] += f32[next + k];
      next += 4 * Math.ceil(length / 4);
    }
    kernels.addRuns(s.runs, count, s.values, s.y);
    y.forEach((value, row) => {
      expect(Math.abs(value - expected[row])).toBeLessThanOrEqual(2 ** -23 * expected[row]);
    });
    expect(y.some((value) => value > 0.25)).toBe(true);
  });

  it.each([
    [3, 1, 8, 0, 0],
    [5, 2, 9, 1, 4],
    [7, 2.5, 9, 2, 2],
  ])(
    'add a disc of %i nodes, radius %d, to %i nodes from (%i, %i) on',
    (n, radius, large, u, v) => {
      const { s, kernels } = made(specialFrames['axis along x, apex before the grid']);
      const out = s.tableAt + 16 * n * n;
      const sum = new Float32Array(s.arena.memory.buffer, out, 4 * large * large);
      const before = sum.slice();
      kernels.addTable(s.tableAt, n, radius, -1.7, out, large, u, v);
      for (let i = 0; i < large; i++) {
        for (let j = 0; j < large; j++) {
          const [di, dj] = [i - u - (n - 1) / 2, j - v - (n - 1) / 2];
          const isTable = i >= u && i < u + n && j >= v && j < v + n;
          const isInside = isTable && di * di + dj * dj <= radius * radius;
          for (let k = 0; k < 4; k++) {
            const at = 4 * (i * large + j) + k;
            const term = isInside ? -1.7 * s.table[4 * ((i - u) * n + j - v) + k] : 0;
            expect(Math.abs(sum[at] - before[at] - term)).toBeLessThanOrEqual(isInside ? 1e-6 : 0);
          }
        }
      }
    },
  );
});

describe('the implementations of the columns', () => {
  const frames = { ...specialFrames };
  for (let i = 0; i < 60; i++) frames[`random cone ${i}`] = randomFrame(i);

  it.each(Object.entries(frames))('leave the same bits in all of the memory: %s', (_, frame) => {
    const memories = Object.values(implementations).map((implementation) => {
      const s = scene(frame);
      const kernels = implementation(s.arena);
      const count = findRuns(kernels, s, 2);
      const largest = columnValues(kernels, s, count);
      const quads = runsOf(s, count).reduce((sum, { length }) => sum + Math.ceil(length / 4), 0);
      const positive = kernels.quantise(s.values, quads, 0xffff / (largest || 1), s.levels);
      kernels.addRuns(s.runs, count, s.values, s.y);
      kernels.addTable(s.tableAt, 7, 2.5, 1.3, s.tableAt + 16 * 7 * 7, 20, 3, 5);
      const bytes = new Uint8Array(s.arena.memory.buffer, 0, allocatedBytes(s.arena));
      return { count, largest, positive, memory: Buffer.from(bytes).toString('base64') };
    });
    for (const memory of memories) expect(memory).toEqual(memories[0]);
  });
});
