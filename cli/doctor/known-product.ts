import { allocate, createArena, sparseMatrix, threadExecutor } from '@isola/kernels/backends';
import { packBlock } from '@isola/kernels/sparse';

const ROWS = 40;
const COLUMNS = 8;
/** A column whose largest value is this is stored exactly, and so are the sums here. */
const LARGEST = 65535;

/** Whether products with a matrix of known whole numbers come out exactly, in `threads` threads. */
export async function knownProduct(threads: number): Promise<boolean> {
  const value = (row: number, column: number) =>
    row === column ? LARGEST : ((7 * row + 11 * column) % 89) + 1;
  const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);
  const bytes = packBlock(
    ROWS,
    Array.from({ length: COLUMNS }, (_, column) => ({
      rows,
      values: Float32Array.from(rows, (row) => value(row, column)),
    })),
  );
  const arena = createArena();
  const offset = allocate(arena, bytes.byteLength);
  new Uint8Array(arena.memory.buffer, offset).set(new Uint8Array(bytes));
  const size = { byteLength: bytes.byteLength, nonzeros: ROWS * COLUMNS };
  const executor = threadExecutor(threads);
  try {
    const block = { offset, firstColumn: 0, columns: COLUMNS, ...size };
    const matrix = sparseMatrix(arena, ROWS, [block], executor);
    const weights = Float64Array.from({ length: COLUMNS }, (_, column) => column + 1);
    const product = new Float32Array(ROWS);
    const transposed = new Float64Array(COLUMNS);
    await matrix.multiply(weights, product);
    await matrix.multiplyTransposed(new Float32Array(ROWS).fill(1), transposed);
    const sum = (terms: Iterable<number>) => Array.from(terms).reduce((a, b) => a + b, 0);
    return (
      product.every((y, row) => y === sum(weights.map((w, column) => w * value(row, column)))) &&
      transposed.every((y, column) => y === sum(rows.map((row) => value(row, column))))
    );
  } finally {
    await executor.close();
  }
}
