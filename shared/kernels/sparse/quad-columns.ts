/**
 * Sparse columns for changes of one variable: groups of four neighbouring rows, each with its
 * place. Next to `run-length.ts` it takes 4 bytes more for 4 values, but a walk along a column is
 * one loop without inner ends, which processors run at nearly twice the speed. In memory (little
 * endian; offsets are from the first byte):
 *
 *   bytes        content
 *   0  u32       columns
 *   4  u32       rows
 *   8  u32       quads
 *   12 4 x u32   offsets of: scales, starts, places, values
 *   32           scales f32[columns], starts u32[columns + 1] (first quad of each column),
 *                places u32[quads] (4 times the first row), values u16[4 * quads]
 *
 * Values are in units of the column's scale, as in a run-length block: a row keeps its exact value.
 */
import { type Block, ROW_PADDING } from './run-length.js';

const HEADER_BYTES = 32;

/** Typed views. */
export interface QuadColumns {
  readonly scales: Float32Array;
  readonly starts: Uint32Array;
  readonly places: Uint32Array;
  readonly values: Uint16Array;
}

/** Bytes that a float32 vector over the rows takes, whole quads from its last row on included. */
export function quadVectorBytes(rows: number): number {
  return 16 * Math.ceil((rows + ROW_PADDING) / 4);
}

/**
 * Packs some rows of the blocks' columns.
 *
 * @param places for each row of the blocks its new place below `rows`, ascending; -1 for none
 */
export function packQuadColumns(
  blocks: readonly Block[],
  places: Int32Array,
  rows: number,
): ArrayBuffer {
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0);
  let quads = 0;
  for (const block of blocks) eachQuad(block, places, { column() {}, quad: () => quads++ });
  const starts = HEADER_BYTES + 4 * columns;
  const firsts = starts + 4 * (columns + 1);
  const values = 16 * Math.ceil((firsts + 4 * quads) / 16);
  const buffer = new ArrayBuffer(values + 8 * quads);
  const header = [columns, rows, quads, HEADER_BYTES, starts, firsts, values];
  new Uint32Array(buffer, 0, header.length).set(header);
  const views = viewQuadColumns(buffer, 0);
  let [column, quad] = [0, 0];
  for (const block of blocks) {
    eachQuad(block, places, {
      column(scale) {
        views.scales[column] = scale;
        views.starts[column++] = quad;
      },
      quad(row, four) {
        views.places[quad] = 4 * row;
        views.values.set(four, 4 * quad++);
      },
    });
  }
  views.starts[columns] = quad;
  return buffer;
}

/** Typed views of the columns at `offset`. */
export function viewQuadColumns(buffer: ArrayBufferLike, offset: number): QuadColumns {
  const [columns, , quads, ...offsets] = new Uint32Array(buffer, offset, 7);
  const [scales, starts, places, values] = offsets.map((relative) => offset + relative);
  return {
    scales: new Float32Array(buffer, scales, columns),
    starts: new Uint32Array(buffer, starts, columns + 1),
    places: new Uint32Array(buffer, places, quads),
    values: new Uint16Array(buffer, values, 4 * quads),
  };
}

interface QuadVisitor {
  column(scale: number): void;
  /** `four` is used again for the next. */
  quad(row: number, four: Uint16Array): void;
}

/** Each column, then its quads: four rows from the first one that none before holds. */
function eachQuad(block: Block, places: Int32Array, visit: QuadVisitor): void {
  const { columns, scales, runStarts, valueStarts, runs, values } = block;
  const four = new Uint16Array(4);
  for (let j = 0; j < columns; j++) {
    visit.column(scales[j]);
    let first = -4;
    const add = (row: number, value: number) => {
      if (row >= first + 4) {
        if (first >= 0) visit.quad(first, four);
        four.fill(0);
        first = row;
      }
      four[row - first] = value;
    };
    let at = 4 * valueStarts[j];
    let row = 0;
    for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
      row += runs[r] & 0xffff;
      const count = 4 * (runs[r] >>> 16);
      for (let k = 0; k < count; k++) {
        const value = values[at + k];
        if (value > 0 && places[row + k] >= 0) add(places[row + k], value);
      }
      at += count;
    }
    if (first >= 0) visit.quad(first, four);
  }
}
