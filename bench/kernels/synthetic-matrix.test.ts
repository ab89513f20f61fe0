import { inlineExecutor } from '@isola/kernels/backends';
import { describe, expect, it } from 'vitest';
import { compressedColumns } from '../peers/csc.js';
import { syntheticMatrix } from './synthetic-matrix.js';

const [ROWS, COLUMNS] = [40_000, 150];
const matrix = syntheticMatrix(ROWS, COLUMNS, inlineExecutor());
const csc = compressedColumns(matrix);

describe('syntheticMatrix', () => {
  it('is as dense as dose influence: 4000 nonzeros a column, 2.35 bytes each', () => {
    expect(matrix.columns).toBe(COLUMNS);
    expect(matrix.nonzeros / COLUMNS).toBeGreaterThan(3950);
    expect(matrix.nonzeros / COLUMNS).toBeLessThan(4050);
    expect(matrix.byteLength / matrix.nonzeros).toBeCloseTo(2.35, 1);
  });

  it('is the same each time', () => {
    const again = compressedColumns(syntheticMatrix(ROWS, COLUMNS, inlineExecutor()));
    expect(again.rows.every((row, k) => row === csc.rows[k])).toBe(true);
    expect(again.values.every((value, k) => value === csc.values[k])).toBe(true);
  });
});

describe('compressedColumns', () => {
  it('holds every nonzero once, rows ascending in each column', () => {
    expect(csc.starts[0]).toBe(0);
    expect(csc.starts[COLUMNS]).toBe(matrix.nonzeros);
    expect(csc.values).toHaveLength(matrix.nonzeros);
    for (let j = 0; j < COLUMNS; j++) {
      const rows = csc.rows.subarray(csc.starts[j], csc.starts[j + 1]);
      expect(rows.every((row, k) => row < ROWS && (k === 0 || row > rows[k - 1]))).toBe(true);
    }
  });

  it('is the same matrix: products agree to float32', async () => {
    const v = Float32Array.from({ length: ROWS }, (_, row) => 1 + (row % 7));
    const out = new Float64Array(COLUMNS);
    await matrix.multiplyTransposed(v, out);
    for (let j = 0; j < COLUMNS; j++) {
      let sum = 0;
      for (let k = csc.starts[j]; k < csc.starts[j + 1]; k++) sum += csc.values[k] * v[csc.rows[k]];
      expect(Math.abs(out[j] / sum - 1)).toBeLessThan(1e-5);
    }
  });
});
