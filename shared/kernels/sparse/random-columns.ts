/** Random sparse columns with runs of every kind: what tests and benches multiply. */
import { RandomStream } from '../random/index.js';
import type { SparseColumn } from './pack.js';

/** Says how many rows are left free before the run with this number, and how long the run is. */
type Layout = (draw: () => number, rows: number, run: number) => { skip: number; length: number };

const upTo = (limit: number, u: number) => 1 + Math.floor(u * limit);

const layouts: readonly Layout[] = [
  // Many short runs, as where a cone's edge meets few voxels.
  (draw) => ({ skip: upTo(9, draw()), length: upTo(9, draw()) }),
  // No run at all.
  (_draw, rows) => ({ skip: rows, length: 0 }),
  // Far apart: with many rows the gaps are longer than one run word holds.
  (draw, rows) => ({ skip: upTo(Math.ceil(rows / 2), draw()), length: upTo(9, draw()) }),
  // The last row only.
  (_draw, rows) => ({ skip: rows - 1, length: 1 }),
  // One long run from the second row on.
  (_draw, rows, run) => ({ skip: run === 0 ? 1 : rows, length: 1000 }),
];

/** `columns` columns over `rows` rows; values in (0, 1] times a size of each column's own. */
export function randomColumns(seed: number, rows: number, columns: number): SparseColumn[] {
  const stream = new RandomStream(seed, 'sparse columns');
  return Array.from({ length: columns }, (_, j) => {
    let draws = 0;
    const draw = () => stream.uniform(0, 0, j, draws++);
    const size = 0.01 + 10 * draw();
    const layout = layouts[j % layouts.length];
    const found: number[] = [];
    for (let row = 0, run = 0; row < rows && run < 150; run++) {
      const { skip, length } = layout(draw, rows, run);
      const from = Math.min(rows, row + skip);
      row = Math.min(rows, from + length);
      for (let r = from; r < row; r++) found.push(r);
    }
    return {
      rows: Uint32Array.from(found),
      values: Float32Array.from(found, () => size * (1 - draw())),
    };
  });
}
