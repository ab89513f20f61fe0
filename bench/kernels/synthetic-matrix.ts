/** A seeded random matrix that has the runs of dose influence, of any size. */
import {
  allocate,
  createArena,
  type Executor,
  type SparseMatrix,
  sparseMatrix,
} from '@isola/kernels/backends';
import { RandomStream } from '@isola/kernels/random';
import { packBlock, type SparseColumn } from '@isola/kernels/sparse';

const SEED = 1;
const COLUMNS_A_BLOCK = 128;
/** The grid that the rows stand for, and the part of it that a column reaches. */
const LINE_ROWS = 60;
const SLICE_ROWS = 60 * LINE_ROWS;
const [LINES, SLICES] = [20, 10];
/** Runs of 8 to 32 rows, 20 on average: with 16-bit values about 2.35 bytes a nonzero. */
const SHORTEST_RUN = 8;
const LENGTHS = 25;

/**
 * 4000 nonzeros a column on average: one run in each of 20 neighbouring lines of 10 slices.
 * @param rows at least 36,000, the ten slices
 */
export function syntheticMatrix(rows: number, columns: number, executor: Executor): SparseMatrix {
  const arena = createArena();
  const stream = new RandomStream(SEED, 'synthetic matrix');
  const blocks = [];
  for (let first = 0; first < columns; first += COLUMNS_A_BLOCK) {
    const count = Math.min(COLUMNS_A_BLOCK, columns - first);
    const made = Array.from({ length: count }, (_, j) => randomColumn(stream, first + j, rows));
    const bytes = packBlock(rows, made);
    const offset = allocate(arena, bytes.byteLength);
    new Uint8Array(arena.memory.buffer, offset).set(new Uint8Array(bytes));
    const nonzeros = made.reduce((sum, column) => sum + column.rows.length, 0);
    const { byteLength } = bytes;
    blocks.push({ offset, firstColumn: first, columns: count, nonzeros, byteLength });
  }
  return sparseMatrix(arena, rows, blocks, executor);
}

function randomColumn(stream: RandomStream, column: number, rows: number): SparseColumn {
  const start = stream.integer(rows - SLICES * SLICE_ROWS + 1, 0, column, 0, 2);
  const slack = LINE_ROWS - (SHORTEST_RUN + LENGTHS);
  const found: number[] = [];
  for (let run = 0; run < LINES * SLICES; run++) {
    const line = start + Math.floor(run / LINES) * SLICE_ROWS + (run % LINES) * LINE_ROWS;
    const from = line + stream.integer(slack, 0, column, run, 1);
    const length = SHORTEST_RUN + stream.integer(LENGTHS, 0, column, run, 0);
    for (let row = from; row < from + length; row++) found.push(row);
  }
  const values = new Float32Array(found.length);
  for (let k = 0; k < values.length; k += 2) {
    const bits = stream.uint32(1, column, k, 0);
    values[k] = 1 + (bits & 0xffff);
    if (k + 1 < values.length) values[k + 1] = 1 + (bits >>> 16);
  }
  return { rows: Uint32Array.from(found), values };
}
