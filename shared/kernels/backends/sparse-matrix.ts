import { createRequire } from 'node:module';
import { LANES } from '../sparse/kernels.js';
import { ROW_PADDING } from '../sparse/run-length.js';
import { type Arena, allocate } from './arena.js';
import { type Executor, inlineExecutor } from './executor.js';
import {
  multiplyLanes,
  multiplyTransposedBlocks,
  type ProductTask,
  type TransposedTask,
} from './thread.js';
import { threadPlace } from './thread-place.js';
import { kernelsOn } from './wasm.js';

/** Where one block of a matrix lies, and which columns it holds. */
export interface BlockPlace {
  readonly offset: number;
  readonly firstColumn: number;
  readonly columns: number;
  readonly nonzeros: number;
  readonly byteLength: number;
}

/** A vector over the rows that lies in the matrix's arena. */
export interface RowVector {
  readonly offset: number;
  readonly values: Float32Array;
}

/**
 * A sparse matrix in an arena, multiplied in threads. A product is taken in a fixed number of lanes
 * (block i belongs to lane i mod 16) that are added up in one order, so its bits do not depend on
 * the number of threads. One product runs at a time.
 */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonzeros: number;
  readonly byteLength: number;
  readonly blocks: readonly BlockPlace[];
  readonly arena: Arena;
  /** out = A x; lengths `columns` and `rows`. */
  multiply(x: Float64Array, out: Float32Array): Promise<void>;
  /** out = A^T v; lengths `rows` and `columns`. */
  multiplyTransposed(v: Float32Array, out: Float64Array): Promise<void>;
  /** outs[k] = A xs[k], four in one pass over the matrix. */
  multiplyBatch(xs: readonly Float64Array[], outs: readonly Float32Array[]): Promise<void>;
  /** outs[k] = A^T vs[k], four in one pass over the matrix. */
  multiplyTransposedBatch(
    vs: readonly Float32Array[],
    outs: readonly Float64Array[],
  ): Promise<void>;
  /** A zero vector over the rows, for `addColumn`. */
  rowVector(): RowVector;
  /** y += delta A[:, column]: what one changed variable costs. */
  addColumn(column: number, delta: number, y: Pick<RowVector, 'offset'>): void;
}

/** A matrix as plain data that threads can be sent; `SparseMatrix` is one. */
export type MatrixPlace = Pick<SparseMatrix, 'arena' | 'rows' | 'blocks'>;

const thread = createRequire(import.meta.url).resolve('@isola/kernels/thread');
const BATCH = 4;

/**
 * The matrix in the calling thread alone: all its work is done at once, where it is called, and all
 * matrices that a thread opens in an arena share one scratch memory.
 */
export function openMatrix({ arena, rows, blocks }: MatrixPlace): SparseMatrix {
  return sparseMatrix(arena, rows, blocks, inlineExecutor());
}

/** The matrix made of `blocks` (in column order) in `arena`. */
export function sparseMatrix(
  arena: Arena,
  rows: number,
  blocks: readonly BlockPlace[],
  executor: Executor,
): SparseMatrix {
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0);
  const rowStride = 4 * (Math.ceil((rows + ROW_PADDING) / 4) * 4);
  const columnStride = 8 * Math.max(1, columns);
  const isAlone = executor.threads === 1;
  const scratch = lazily(() => scratchFor(arena, isAlone, rowStride, columnStride));
  const kernels = lazily(() => kernelsOn(arena));
  const blockOf = lazily(() => blockOfColumns(blocks, columns));
  const places = new Float64Array(blocks.flatMap((b) => [b.offset, b.firstColumn, b.columns]));

  /**
   * Runs a task in all threads, the calling one among them, then `finish`. Where it is the only one
   * there is no await: who shares its scratch cannot come between.
   */
  const inThreads = async <T>(run: (task: T) => void, task: T, finish: () => void) => {
    new Uint32Array(arena.memory.buffer, scratch().counters, 2).fill(0);
    const others = Array.from({ length: executor.threads - 1 }, () =>
      executor.run<void>(thread, run.name, task),
    );
    run(task);
    if (!isAlone) await Promise.all(others);
    finish();
  };

  const product = async (xs: readonly Float64Array[], outs: readonly Float32Array[]) => {
    const { x, parts, y, counters } = scratch();
    const { buffer } = arena.memory;
    const count = xs.length;
    for (let k = 0; k < count; k++) {
      new Float64Array(buffer, x + k * columnStride, columns).set(xs[k]);
    }
    const stride = { x: columnStride, rows: rowStride };
    const task = { arena, places, rows, count, x, parts, stride, out: y, counters };
    await inThreads<ProductTask>(multiplyLanes, task, () => {
      for (let k = 0; k < count; k++) {
        outs[k].set(new Float32Array(arena.memory.buffer, y + k * rowStride, rows));
      }
    });
  };

  const transposed = async (vs: readonly Float32Array[], outs: readonly Float64Array[]) => {
    const { x, y, counters } = scratch();
    const count = vs.length;
    for (let k = 0; k < count; k++) {
      const v = new Float32Array(arena.memory.buffer, y + k * rowStride, rowStride / 4);
      v.set(vs[k]);
      // Padded groups multiply what lies behind the rows by 0; a product may have left NaN there.
      v.fill(0, rows);
    }
    const stride = { x: columnStride, rows: rowStride };
    const task = { arena, places, count, v: y, out: x, stride, counters };
    await inThreads<TransposedTask>(multiplyTransposedBlocks, task, () => {
      for (let k = 0; k < count; k++) {
        outs[k].set(new Float64Array(arena.memory.buffer, x + k * columnStride, columns));
      }
    });
  };

  return {
    rows,
    columns,
    nonzeros: blocks.reduce((sum, block) => sum + block.nonzeros, 0),
    byteLength: blocks.reduce((sum, block) => sum + block.byteLength, 0),
    blocks,
    arena,
    multiply: (x, out) => product([x], [out]),
    multiplyTransposed: (v, out) => transposed([v], [out]),
    multiplyBatch: async (xs, outs) => {
      for (const [from, to] of batches(xs.length)) {
        await product(xs.slice(from, to), outs.slice(from, to));
      }
    },
    multiplyTransposedBatch: async (vs, outs) => {
      for (const [from, to] of batches(vs.length)) {
        await transposed(vs.slice(from, to), outs.slice(from, to));
      }
    },
    rowVector: () => {
      const offset = allocate(arena, rowStride);
      return { offset, values: new Float32Array(arena.memory.buffer, offset, rows) };
    },
    addColumn: (column, delta, y) => {
      const { offset, firstColumn } = blocks[blockOf()[column]];
      kernels().addColumn(offset, column - firstColumn, delta, y.offset);
    },
  };
}

/** Which block holds each column. */
function blockOfColumns(blocks: readonly BlockPlace[], columns: number): Uint32Array {
  const blockOf = new Uint32Array(columns);
  blocks.forEach((block, b) => {
    blockOf.fill(b, block.firstColumn, block.firstColumn + block.columns);
  });
  return blockOf;
}

/** Fours, then singles: [0,4), [4,8), [8,9), ... */
function batches(count: number): [number, number][] {
  const result: [number, number][] = [];
  for (let from = 0; from < count; ) {
    const to = count - from >= BATCH ? from + BATCH : from + 1;
    result.push([from, to]);
    from = to;
  }
  return result;
}

function scratchFor(arena: Arena, isAlone: boolean, rowStride: number, columnStride: number) {
  const sizes = [BATCH * columnStride, BATCH * rowStride, BATCH * LANES * rowStride, 16];
  const aligned = sizes.map((bytes) => 16 * Math.ceil(bytes / 16));
  const total = aligned.reduce((sum, bytes) => sum + bytes, 0);
  const x = isAlone ? threadPlace(arena, 'product', total) : allocate(arena, total);
  const y = x + aligned[0];
  const parts = y + aligned[1];
  return { x, y, parts, counters: parts + aligned[2] };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
