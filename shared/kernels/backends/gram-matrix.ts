import { quadVectorBytes } from '../sparse/index.js';
import { allocate } from './arena.js';
import type { MatrixPlace } from './sparse-matrix.js';
import { threadPlace } from './thread-place.js';
import { kernelsOn } from './wasm.js';

/** Columns in one pass over the matrix. */
const BATCH = 4;

/** Bytes from one row of a Gram matrix to the next. */
export function gramStride(columns: number): number {
  return 16 * Math.ceil((8 * columns) / 16);
}

/**
 * Computes A^T diag(weights) A in the calling thread and puts it into the matrix's arena: float64
 * by rows, symmetric. As many products as there are columns.
 */
export function placeGramMatrix(
  { arena, rows, blocks }: MatrixPlace,
  weights: Float64Array,
): number {
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0);
  const [rowStride, stride] = [quadVectorBytes(rows), gramStride(columns)];
  const v = threadPlace(arena, 'gram', BATCH * rowStride);
  // Whole batches, so that the last one has room for what it does not need.
  const gram = allocate(arena, (columns + BATCH) * stride);
  const kernels = kernelsOn(arena);
  const columnPlaces = blocks.flatMap(({ offset, columns: count }) =>
    Array.from({ length: count }, (_, j) => ({ offset, j })),
  );
  for (let first = 0; first < columns; first += BATCH) {
    new Uint8Array(arena.memory.buffer, v, BATCH * rowStride).fill(0);
    columnPlaces.slice(first, first + BATCH).forEach(({ offset, j }, k) => {
      kernels.addColumn(offset, j, 1, v + k * rowStride);
      const column = new Float32Array(arena.memory.buffer, v + k * rowStride, rows);
      for (let row = 0; row < rows; row++) column[row] *= weights[row];
    });
    for (const { offset, firstColumn, columns: count } of blocks) {
      const out = gram + first * stride + 8 * firstColumn;
      kernels.multiplyTransposed4(offset, 0, count, v, rowStride, out, stride);
    }
  }
  symmetrise(new Float64Array(arena.memory.buffer, gram, (columns * stride) / 8), columns);
  return gram;
}

/** Rounding differs on the two sides of the diagonal. */
function symmetrise(a: Float64Array, n: number): void {
  const stride = a.length / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const mean = 0.5 * (a[i * stride + j] + a[j * stride + i]);
      a[i * stride + j] = mean;
      a[j * stride + i] = mean;
    }
  }
}
