import type { SparseMatrix } from '@isola/kernels/backends';
import { viewBlock } from '@isola/kernels/sparse';

/** Compressed sparse columns, float32 and 32-bit indices. */
export interface CompressedColumns {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** The nonzeros of a matrix, column by column. */
export function compressedColumns(matrix: SparseMatrix): CompressedColumns {
  const starts = new Int32Array(matrix.columns + 1);
  const rows = new Int32Array(matrix.nonzeros);
  const values = new Float32Array(matrix.nonzeros);
  let next = 0;
  for (const { offset, firstColumn, columns } of matrix.blocks) {
    const block = viewBlock(matrix.arena.memory.buffer, offset);
    for (let j = 0; j < columns; j++) {
      let value = 4 * block.valueStarts[j];
      let row = 0;
      for (let r = block.runStarts[j]; r < block.runStarts[j + 1]; r++) {
        row += block.runs[r] & 0xffff;
        const count = 4 * (block.runs[r] >>> 16);
        for (let k = 0; k < count; k++, value++) {
          if (block.values[value] === 0) continue;
          rows[next] = row + k;
          values[next++] = block.values[value] * block.scales[j];
        }
      }
      starts[firstColumn + j + 1] = next;
    }
  }
  return { starts, rows: rows.subarray(0, next), values: values.subarray(0, next) };
}
