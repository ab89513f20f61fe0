import { viewBlock } from './run-length.js';

/**
 * out[j] = sum over rows of weights[row] * A[row, j] for the columns of the block at `offset`, in
 * float64 throughout: where the float32 sums of `multiplyTransposed` are too coarse.
 */
export function columnSums(
  buffer: ArrayBufferLike,
  offset: number,
  weights: Float64Array,
  out: Float64Array,
): void {
  const { columns, scales, runStarts, valueStarts, runs, values } = viewBlock(buffer, offset);
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    let value = 4 * valueStarts[j];
    let row = 0;
    for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
      row += runs[r] & 0xffff;
      const count = 4 * (runs[r] >>> 16);
      // Padding of the last run may reach beyond the rows.
      const inside = Math.min(count, weights.length - row);
      for (let k = 0; k < inside; k++) sum += weights[row + k] * values[value + k];
      value += count;
    }
    out[j] = sum * scales[j];
  }
}
