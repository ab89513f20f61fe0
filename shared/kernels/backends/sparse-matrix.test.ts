import { afterAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../random/index.js';
import { packBlock } from '../sparse/pack.js';
import { randomColumns } from '../sparse/random-columns.js';
import { viewBlock } from '../sparse/run-length.js';
import { allocate, createArena } from './arena.js';
import { type Executor, inlineExecutor, threadExecutor } from './executor.js';
import { type BlockPlace, type SparseMatrix, sparseMatrix } from './sparse-matrix.js';

const executors: Record<string, Executor> = {
  inline: inlineExecutor(),
  '1 thread': threadExecutor(1),
  '2 threads': threadExecutor(2),
  '3 threads': threadExecutor(3),
  '4 threads': threadExecutor(4),
};

afterAll(async () => {
  for (const executor of Object.values(executors)) await executor.close();
});

/** Fewer blocks than lanes, more than lanes, and rows that are no multiple of 4. */
const shapes = [
  { rows: 1001, columns: 8, columnsABlock: 3 },
  { rows: 70_002, columns: 65, columnsABlock: 2 },
  { rows: 2048, columns: 50, columnsABlock: 50 },
];

function matrixOf(
  { rows, columns, columnsABlock }: (typeof shapes)[0],
  executor: Executor,
  arena = createArena(),
) {
  const all = randomColumns(rows, rows, columns);
  const places: BlockPlace[] = [];
  for (let first = 0; first < columns; first += columnsABlock) {
    const some = all.slice(first, first + columnsABlock);
    const bytes = new Uint8Array(packBlock(rows, some));
    const offset = allocate(arena, bytes.length);
    new Uint8Array(arena.memory.buffer, offset).set(bytes);
    const { nonzeros, byteLength } = viewBlock(arena.memory.buffer, offset);
    places.push({ offset, firstColumn: first, columns: some.length, nonzeros, byteLength });
  }
  return sparseMatrix(arena, rows, places, executor);
}

const stream = new RandomStream(3, 'vectors');
const weights = (columns: number, k: number) =>
  Float64Array.from({ length: columns }, (_, i) => stream.uniform(0, 0, k, i));
const rowValues = (rows: number, k: number) =>
  Float32Array.from({ length: rows }, (_, i) => stream.uniform(1, 0, k, i) - 0.5);

async function product(matrix: SparseMatrix, x: Float64Array) {
  const out = new Float32Array(matrix.rows).fill(Number.NaN);
  await matrix.multiply(x, out);
  return out;
}

async function transposed(matrix: SparseMatrix, v: Float32Array) {
  const out = new Float64Array(matrix.columns).fill(Number.NaN);
  await matrix.multiplyTransposed(v, out);
  return out;
}

const bits = (...arrays: readonly (Float32Array | Float64Array)[]) =>
  arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString('base64'));

describe.each(shapes)('a matrix of $rows x $columns, $columnsABlock a block', (shape) => {
  const { rows, columns } = shape;
  const dense = randomColumns(rows, rows, columns);
  const alone = matrixOf(shape, executors.inline);

  it('is the sum of its blocks', () => {
    const sum = (key: 'columns' | 'nonzeros' | 'byteLength') =>
      alone.blocks.reduce((total, block) => total + block[key], 0);
    expect([alone.rows, alone.columns]).toEqual([rows, columns]);
    expect(alone.nonzeros).toBe(dense.reduce((total, column) => total + column.rows.length, 0));
    expect([alone.columns, alone.nonzeros, alone.byteLength]).toEqual([
      sum('columns'),
      sum('nonzeros'),
      sum('byteLength'),
    ]);
  });

  it('gives the float64 product, to its 16 bits', async () => {
    const x = weights(columns, 0);
    const got = await product(alone, x);
    const expected = new Float64Array(rows);
    const error = new Float64Array(rows);
    dense.forEach((column, j) => {
      const largest = column.values.reduce((a, b) => Math.max(a, b), 0);
      column.rows.forEach((row, k) => {
        expected[row] += x[j] * column.values[k];
        error[row] += x[j] * largest * (0.51 / 0xffff + 1e-6);
      });
    });
    const outside = got.findIndex((value, r) => Math.abs(value - expected[r]) > error[r]);
    expect(outside).toBe(-1);
  });

  it('has an adjoint: <A u, v> = <u, A^T v>', async () => {
    const [u, v] = [weights(columns, 1), rowValues(rows, 1)];
    const [au, atv] = [await product(alone, u), await transposed(alone, v)];
    const inRows = au.reduce((sum, a, r) => sum + a * v[r], 0);
    const inColumns = atv.reduce((sum, a, j) => sum + a * u[j], 0);
    const size = au.reduce((sum, a, r) => sum + Math.abs(a * v[r]), 0);
    expect(Math.abs(inRows - inColumns)).toBeLessThanOrEqual(1e-6 * size);
  });

  it.each(Object.keys(executors))('gives the same bits again and again: %s', async (name) => {
    const matrix = matrixOf(shape, executors[name]);
    for (let k = 0; k < 5; k++) {
      const [x, v] = [weights(columns, k), rowValues(rows, k)];
      const expected = bits(await product(alone, x), await transposed(alone, v));
      expect(bits(await product(matrix, x), await transposed(matrix, v))).toEqual(expected);
    }
  });

  it.each(['inline', '3 threads'])('gives batches of 1 to 9 as singles: %s', async (name) => {
    const matrix = matrixOf(shape, executors[name]);
    const xs = Array.from({ length: 9 }, (_, k) => weights(columns, k));
    const vs = Array.from({ length: 9 }, (_, k) => rowValues(rows, k));
    const products: Float32Array[] = [];
    const back: Float64Array[] = [];
    for (const x of xs) products.push(await product(alone, x));
    for (const v of vs) back.push(await transposed(alone, v));
    for (let count = 0; count <= 9; count++) {
      const outs = Array.from({ length: count }, () => new Float32Array(rows));
      const backs = Array.from({ length: count }, () => new Float64Array(columns));
      await matrix.multiplyBatch(xs.slice(0, count), outs);
      await matrix.multiplyTransposedBatch(vs.slice(0, count), backs);
      expect(bits(...outs)).toEqual(bits(...products.slice(0, count)));
      expect(bits(...backs)).toEqual(bits(...back.slice(0, count)));
    }
  });

  it('adds a column to a row vector as the product with a unit vector does', async () => {
    for (let column = 0; column < columns; column += 3) {
      const y = alone.rowVector();
      expect([y.values.length, y.values.every((value) => value === 0)]).toEqual([rows, true]);
      alone.addColumn(column, 0.7, y);
      const unit = new Float64Array(columns);
      unit[column] = 0.7;
      expect(bits(y.values)).toEqual(bits(await product(alone, unit)));
      alone.addColumn(column, -0.7, y);
      expect(y.values.every((value) => value === 0)).toBe(true);
    }
  });

  it('has the same bits beside others that lie in the same arena', async () => {
    const arena = createArena();
    const together = shapes.map((each) => matrixOf(each, executors.inline, arena));
    const own = together[shapes.indexOf(shape)];
    for (const other of together) await product(other, weights(other.columns, 5));
    const x = weights(columns, 6);
    const v = rowValues(rows, 6);
    expect(bits(await product(own, x), await transposed(own, v))).toEqual(
      bits(await product(alone, x), await transposed(alone, v)),
    );
  });

  it('forgets a vector that was not finite', async () => {
    const [x, v] = [weights(columns, 5), rowValues(rows, 5)];
    const before = bits(await product(alone, x), await transposed(alone, v));
    await product(alone, new Float64Array(columns).fill(Number.POSITIVE_INFINITY));
    expect(bits(await transposed(alone, v))).toEqual(before.slice(1));
    await transposed(alone, new Float32Array(rows).fill(Number.NaN));
    expect(bits(await product(alone, x), await transposed(alone, v))).toEqual(before);
  });
});

describe('a matrix without columns', () => {
  it('gives zero', async () => {
    const matrix = sparseMatrix(createArena(), 9, [], executors['2 threads']);
    await transposed(matrix, new Float32Array(9).fill(1));
    expect(await product(matrix, new Float64Array(0))).toEqual(new Float32Array(9));
  });
});
