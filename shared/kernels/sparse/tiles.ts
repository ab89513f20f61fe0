/**
 * Tiles: parts of a matrix that are dense in 16 columns at a time. A tile lists its rows, and holds
 * 16 values for each, side by side; its columns are any of the vector's. Where neighbouring columns
 * have the same rows this is far faster than columns of their own: no runs, whole vectors.
 *
 * Words are little endian; offsets are bytes from the start, multiples of 16:
 *   u32[4]           tiles, vector length, rows, bytes
 *   u32[4] each      offset of the rows, offset of the values, rows of the tile, 0
 *   u32[16] each     columns; the vector's length stands for none
 *   f32[16] each     what a value of 1 in the column is worth
 *   u32[n], u16[16 n] of each tile: rows, ascending; values, 16 a row
 * Vectors over columns are one element longer than the matrix has columns: there is the column that
 * stands for none, 0 in every product.
 */

/** Columns of a tile. */
export const TILE_COLUMNS = 16;

/** A tile to be packed. */
export interface Tile {
  /** At most 16, of the vector. */
  readonly columns: Uint32Array;
  readonly rows: Uint32Array;
  /** Not negative; `columns.length` side by side for each row. */
  readonly values: Float32Array;
}

const HEADER_WORDS = 4;
const LARGEST = 0xffff;

/** Packs tiles; values are kept to 16 bits of the largest in their column. */
export function packTiles(rows: number, columns: number, tiles: readonly Tile[]): ArrayBuffer {
  const directory = 4 * HEADER_WORDS * (1 + tiles.length);
  let end = directory + 8 * TILE_COLUMNS * tiles.length;
  const places = tiles.map((tile) => {
    const rowsAt = end;
    const valuesAt = rowsAt + aligned(4 * tile.rows.length);
    end = valuesAt + 2 * TILE_COLUMNS * tile.rows.length;
    return [rowsAt, valuesAt, tile.rows.length, 0];
  });
  const buffer = new ArrayBuffer(end);
  new Uint32Array(buffer, 0, directory / 4).set([
    tiles.length,
    columns,
    rows,
    end,
    ...places.flat(),
  ]);
  const view = viewTiles(buffer, 0);
  tiles.forEach((tile, t) => {
    const of = TILE_COLUMNS * t;
    const count = tile.columns.length;
    const largest = largestOfColumns(tile);
    view.columns.fill(columns, of, of + TILE_COLUMNS).set(tile.columns, of);
    view.scales.set(
      largest.map((value) => value / LARGEST),
      of,
    );
    view.rows[t].set(tile.rows);
    const values = view.values[t];
    const factors = largest.map((value) => (value === 0 ? 0 : LARGEST / value));
    for (let r = 0; r < tile.rows.length; r++) {
      for (let k = 0; k < count; k++) {
        values[TILE_COLUMNS * r + k] = Math.round(tile.values[count * r + k] * factors[k]);
      }
    }
  });
  return buffer;
}

function aligned(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}

function largestOfColumns({ columns, values }: Tile): Float32Array {
  const largest = new Float32Array(columns.length);
  for (let i = 0; i < values.length; i++) {
    const k = i % columns.length;
    if (values[i] > largest[k]) largest[k] = values[i];
  }
  return largest;
}

/** Packed tiles as typed arrays. */
export interface TilesView {
  readonly count: number;
  readonly matrixRows: number;
  readonly matrixColumns: number;
  readonly byteLength: number;
  /** Of all tiles, 16 each. */
  readonly columns: Uint32Array;
  readonly scales: Float32Array;
  /** Of each tile. */
  readonly rows: readonly Uint32Array[];
  readonly values: readonly Uint16Array[];
}

export function viewTiles(buffer: ArrayBufferLike, offset: number): TilesView {
  const [count, matrixColumns, matrixRows, byteLength] = new Uint32Array(buffer, offset, 4);
  const directory = new Uint32Array(buffer, offset + 4 * HEADER_WORDS, HEADER_WORDS * count);
  const columns = offset + 4 * HEADER_WORDS * (1 + count);
  const tiles = Array.from({ length: count }, (_, t) => directory.subarray(4 * t, 4 * t + 3));
  return {
    ...{ count, matrixRows, matrixColumns, byteLength },
    columns: new Uint32Array(buffer, columns, TILE_COLUMNS * count),
    scales: new Float32Array(buffer, columns + 4 * TILE_COLUMNS * count, TILE_COLUMNS * count),
    rows: tiles.map(([at, , n]) => new Uint32Array(buffer, offset + at, n)),
    values: tiles.map(([, at, n]) => new Uint16Array(buffer, offset + at, TILE_COLUMNS * n)),
  };
}
