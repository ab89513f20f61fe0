/** The spec of the sparse products, for every implementation of them. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, allocatedBytes, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { type Kernels, LANES } from './kernels.js';
import { packBlock } from './pack.js';
import { randomColumns } from './random-columns.js';
import { ROW_PADDING, viewBlock } from './run-length.js';
import { referenceProducts } from './run-length-products.js';

type Products = ReturnType<typeof referenceProducts>;

/** Each is made when all memory is allocated. */
const implementations: Record<string, (arena: Arena) => Products> = {
  TypeScript: (arena) => referenceProducts(arena.memory.buffer),
  WebAssembly: (arena): Kernels => kernelsOn(arena),
};

const shapes = [
  { rows: 2999, columns: 25 },
  { rows: 150_001, columns: 11 },
  { rows: 6, columns: 5 },
];

/** Half an ulp of float32, relative. */
const ROUNDING = 2 ** -24;

/** A matrix in an arena, with four random vectors on each side. */
function scene(rows: number, columns: number) {
  const arena = createArena();
  const bytes = new Uint8Array(packBlock(rows, randomColumns(rows, rows, columns)));
  const block = allocate(arena, bytes.length);
  new Uint8Array(arena.memory.buffer, block).set(bytes);
  const xStride = 8 * columns + 16;
  const yStride = 16 * Math.ceil((rows + ROW_PADDING) / 4);
  const x = allocate(arena, 4 * xStride);
  const out = allocate(arena, 4 * xStride);
  const y = allocate(arena, 4 * yStride);
  const v = allocate(arena, 4 * yStride);
  const vector = (at: number, k: number) =>
    new Float64Array(arena.memory.buffer, at + k * xStride, columns);
  const rowsOf = (at: number, k: number) =>
    new Float32Array(arena.memory.buffer, at + k * yStride, rows);
  const stream = new RandomStream(rows, 'vectors');
  for (let k = 0; k < 4; k++) {
    // Some weights are 0: their columns may be skipped.
    const weight = (_: number, i: number) => Math.max(0, stream.uniform(0, 0, k, i) - 0.2);
    vector(x, k).set(vector(x, k).map(weight));
    rowsOf(v, k).set(rowsOf(v, k).map((_, i) => stream.uniform(1, 0, k, i) - 0.5));
    rowsOf(y, k).set(rowsOf(y, k).map((_, i) => stream.uniform(2, 0, k, i) - 0.5));
  }
  return { arena, rows, columns, block, x, xStride, out, y, yStride, v, vector, rowsOf };
}

type Scene = ReturnType<typeof scene>;

/** All entries of the stored matrix, in float64: row, column, value. */
function entries({ arena, block }: Scene): [number, number, number][] {
  const { columns, scales, runStarts, valueStarts, runs, values } = viewBlock(
    arena.memory.buffer,
    block,
  );
  const found: [number, number, number][] = [];
  for (let j = 0; j < columns; j++) {
    let row = 0;
    let at = 4 * valueStarts[j];
    for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
      row += runs[r] & 0xffff;
      for (let k = 0; k < 4 * (runs[r] >>> 16); k++, at++) {
        if (values[at] > 0) found.push([row + k, j, scales[j] * values[at]]);
      }
    }
  }
  return found;
}

const snapshot = (arena: Arena) =>
  Buffer.from(new Uint8Array(arena.memory.buffer, 0, allocatedBytes(arena)));

describe.each(Object.keys(implementations))('products in %s', (name) => {
  const implementation = implementations[name];

  describe.each(shapes)('with $rows x $columns', ({ rows, columns }) => {
    const made = () => {
      const s = scene(rows, columns);
      return { ...s, kernels: implementation(s.arena) };
    };

    it('multiply adds the float64 product to y, to the rounding of its terms', () => {
      const s = made();
      const { kernels, block, x, y } = s;
      const expected = Float64Array.from(s.rowsOf(y, 0));
      const size = expected.map(Math.abs);
      const terms = new Float64Array(rows);
      for (const [r, j, a] of entries(s)) {
        expected[r] += a * s.vector(x, 0)[j];
        size[r] += Math.abs(a * s.vector(x, 0)[j]);
        terms[r]++;
      }
      kernels.multiply(block, 0, columns, x, y);
      const worst = s
        .rowsOf(y, 0)
        .map((got, r) => Math.abs(got - expected[r]) - (terms[r] + 2) * ROUNDING * size[r]);
      expect(worst.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(0);
    });

    it('multiplyTransposed gives the float64 product, to the rounding of its sums', () => {
      const s = made();
      const { kernels, block, v, out } = s;
      const expected = new Float64Array(columns);
      const size = new Float64Array(columns);
      for (const [r, j, a] of entries(s)) {
        expected[j] += a * s.rowsOf(v, 0)[r];
        size[j] += Math.abs(a * s.rowsOf(v, 0)[r]);
      }
      kernels.multiplyTransposed(block, 0, columns, v, out);
      // A lane sums one quad in four: 32 runs of 3 quads here, or one run of 1000 rows.
      for (let j = 0; j < columns; j++) {
        const error = Math.abs(s.vector(out, 0)[j] - expected[j]);
        expect(error).toBeLessThanOrEqual(260 * ROUNDING * size[j]);
      }
    });

    it('are adjoint: <A u, v> = <u, A^T v>', () => {
      const s = made();
      const { kernels, block, x, y, v, out } = s;
      s.rowsOf(y, 0).fill(0);
      kernels.multiply(block, 0, columns, x, y);
      kernels.multiplyTransposed(block, 0, columns, v, out);
      const inRows = s.rowsOf(y, 0).reduce((sum, yr, r) => sum + yr * s.rowsOf(v, 0)[r], 0);
      const inColumns = s.vector(out, 0).reduce((sum, o, j) => sum + o * s.vector(x, 0)[j], 0);
      const size = s.rowsOf(y, 0).reduce((sum, yr, r) => sum + Math.abs(yr * s.rowsOf(v, 0)[r]), 0);
      expect(Math.abs(inRows - inColumns)).toBeLessThanOrEqual(1e-6 * size);
    });

    it('are linear', () => {
      const s = made();
      const { kernels, block, x, xStride, y, yStride } = s;
      for (let r = 0; r < 3; r++) s.rowsOf(y, r).fill(0);
      s.vector(x, 2).set(s.vector(x, 0).map((x0, j) => 2.5 * x0 + 0.75 * s.vector(x, 1)[j]));
      for (let k = 0; k < 3; k++) {
        kernels.multiply(block, 0, columns, x + k * xStride, y + k * yStride);
      }
      const [a, b, c] = [s.rowsOf(y, 0), s.rowsOf(y, 1), s.rowsOf(y, 2)];
      const largest = c.reduce((max, value) => Math.max(max, value), 0);
      const apart = c.map((cr, r) => Math.abs(cr - 2.5 * a[r] - 0.75 * b[r]));
      expect(apart.reduce((p, q) => Math.max(p, q))).toBeLessThanOrEqual(1e-6 * largest);
    });

    it('of ranges of columns add up to that of all, bit for bit', () => {
      const [whole, parts] = [made(), made()];
      whole.kernels.multiply(whole.block, 0, columns, whole.x, whole.y);
      whole.kernels.multiplyTransposed(whole.block, 0, columns, whole.v, whole.out);
      for (const [from, to] of [
        [0, 2],
        [2, 2],
        [2, columns],
      ]) {
        parts.kernels.multiply(parts.block, from, to, parts.x, parts.y);
        parts.kernels.multiplyTransposed(parts.block, from, to, parts.v, parts.out);
      }
      expect(snapshot(whole.arena).equals(snapshot(parts.arena))).toBe(true);
    });

    it('with four vectors equal four with one, bit for bit', () => {
      const [four, ones] = [made(), made()];
      const { block, x, xStride, y, yStride, v, out } = four;
      four.kernels.multiply4(block, 0, columns, x, xStride, y, yStride);
      four.kernels.multiplyTransposed4(block, 1, columns, v, yStride, out, xStride);
      for (let k = 0; k < 4; k++) {
        const [xk, yk] = [x + k * xStride, y + k * yStride];
        ones.kernels.multiply(block, 0, columns, xk, yk);
        ones.kernels.multiplyTransposed(block, 1, columns, v + k * yStride, out + k * xStride);
      }
      expect(snapshot(four.arena).equals(snapshot(ones.arena))).toBe(true);
    });

    it('with one column equal those with a multiple of its unit vector', () => {
      const [one, unit] = [made(), made()];
      for (const j of [0, 2, columns - 1]) {
        one.vector(one.x, 0).fill(1e9)[j] = 0.3;
        one.kernels.multiply(one.block, j, j + 1, one.x, one.y);
        unit.vector(unit.x, 0).fill(0)[j] = 0.3;
        unit.kernels.multiply(unit.block, 0, columns, unit.x, unit.y);
      }
      const bits = [one, unit].map((s) => Buffer.from(s.rowsOf(s.y, 0).slice().buffer));
      expect(bits[0].equals(bits[1])).toBe(true);
    });
  });

  it.each([4, 1000, 1003])('sumLanes gives the float64 sum of %i rows, rounded once', (rows) => {
    const arena = createArena();
    const stride = 16 * Math.ceil(rows / 4);
    const parts = allocate(arena, LANES * stride);
    const out = allocate(arena, stride);
    const stream = new RandomStream(rows, 'lanes');
    const lanes = Array.from({ length: LANES }, (_, lane) => {
      const values = new Float32Array(arena.memory.buffer, parts + lane * stride, rows);
      values.set(values.map((_v, r) => stream.uniform(lane, 0, 0, r) * 10 ** (lane % 5)));
      return values;
    });
    const kernels = implementation(arena);
    kernels.sumLanes(parts, stride, 4, rows, out);
    const sums = new Float32Array(arena.memory.buffer, out, rows);
    expect(Array.from(sums.subarray(0, 4))).toEqual([0, 0, 0, 0]);
    for (let r = 4; r < rows; r++) {
      const sum = lanes.reduce((total, lane) => total + lane[r], 0);
      // Sixteen float64 additions may tip one rounding to float32, by no more than this.
      expect(Math.abs(sums[r] - sum)).toBeLessThanOrEqual((ROUNDING + 16 * 2 ** -53) * sum);
    }
  });
});

describe('the implementations of the products', () => {
  it.each(shapes)('leave the same bits in all of the memory ($rows x $columns)', (shape) => {
    const memories = Object.values(implementations).map((implementation) => {
      const s = scene(shape.rows, shape.columns);
      const { block, columns, x, xStride, y, yStride, v, out } = s;
      const lanes = allocate(s.arena, yStride);
      const kernels = implementation(s.arena);
      kernels.multiply(block, 0, columns, x, y);
      kernels.multiply4(block, 1, columns, x, xStride, y, yStride);
      kernels.multiplyTransposed(block, 0, columns - 1, v, out);
      kernels.multiplyTransposed4(block, 0, columns, y, yStride, out, xStride);
      // Any memory will do as lanes; here mostly the four y.
      kernels.sumLanes(y, yStride / 4, 0, Math.floor(shape.rows / 4), lanes);
      return snapshot(s.arena);
    });
    for (const memory of memories) expect(memory.equals(memories[0])).toBe(true);
  });
});
