/**
 * Tiles: parts of a matrix that are dense in 16 columns at a time. A tile lists its rows, and holds
 * 16 values for each, side by side; its columns are any of the vector's. Where neighbouring columns
 * have the same rows this is far faster than columns of their own: no runs, whole vectors. Rows are
 * in blocks, and tiles in the order of those, so that all values of a block lie in a cache at once:
 * a cost that is a sum over rows and its gradient take one pass over the memory.
 *
 * Words are little endian; offsets are bytes from the start, multiples of 16:
 *   u32[4]           tiles, vector length, rows, bytes
 *   u32[4] each      offset of the rows, offset of the values, rows of the tile, its block's first
 *   u32[16] each     columns; the vector's length stands for none
 *   u8[n], u16[16 n] of each tile: rows less the block's first, ascending; values, 16 a row
 * A value is the upper half of a float32, rounded: 8 significant bits. Its error is 0.2 % at most
 * and averages out over the many columns of a row; to unpack it takes no arithmetic.
 *
 * Vectors over columns are one element longer than the matrix has columns: there is the column that
 * stands for none, 0 in every product.
 */

/** Columns of a tile. */
export const TILE_COLUMNS = 16;
/** Rows of a block: with some 1500 columns it fits a core's cache. */
export const BLOCK_ROWS = 256;

/** A tile to be packed. */
export interface Tile {
  /** At most 16, of the vector. */
  readonly columns: Uint32Array;
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Not negative; `columns.length` side by side for each row. */
  readonly values: Float32Array;
}

const HEADER_WORDS = 4;

/** Packs tiles; values are rounded to 8 significant bits. */
export function packTiles(rows: number, columns: number, whole: readonly Tile[]): ArrayBuffer {
  const tiles = inBlocks(rows, whole);
  const directory = 4 * HEADER_WORDS * (1 + tiles.length);
  let end = directory + 4 * TILE_COLUMNS * tiles.length;
  const places = tiles.map(({ firstRow, rows: { length } }) => {
    const rowsAt = end;
    const valuesAt = rowsAt + aligned(length);
    end = valuesAt + 2 * TILE_COLUMNS * length;
    return [rowsAt, valuesAt, length, firstRow];
  });
  const buffer = new ArrayBuffer(end);
  const header = new Uint32Array(buffer, 0, directory / 4);
  header.set([tiles.length, columns, rows, end]);
  places.forEach((place, t) => {
    header.set(place, HEADER_WORDS * (1 + t));
  });
  const view = viewTiles(buffer, 0);
  tiles.forEach((tile, t) => {
    const of = TILE_COLUMNS * t;
    view.columns.fill(columns, of, of + TILE_COLUMNS).set(tile.columns, of);
    writeTile(tile, new Uint8Array(buffer, places[t][0]), new Uint16Array(buffer, places[t][1]));
  });
  return buffer;
}

interface BlockTile extends Tile {
  /** Of its block. */
  readonly firstRow: number;
}

/** The parts of tiles in each block that have rows. */
function inBlocks(rows: number, tiles: readonly Tile[]): BlockTile[] {
  const next = new Uint32Array(tiles.length);
  const parts: BlockTile[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += BLOCK_ROWS) {
    tiles.forEach((tile, t) => {
      const from = next[t];
      while (tile.rows[next[t]] < firstRow + BLOCK_ROWS) next[t]++;
      if (next[t] === from) return;
      const count = tile.columns.length;
      parts.push({
        ...{ firstRow, columns: tile.columns, rows: tile.rows.subarray(from, next[t]) },
        values: tile.values.subarray(count * from, count * next[t]),
      });
    });
  }
  return parts;
}

function writeTile(tile: BlockTile, rows: Uint8Array, values: Uint16Array): void {
  const count = tile.columns.length;
  const bits = new Uint32Array(Float32Array.from(tile.values).buffer);
  tile.rows.forEach((row, r) => {
    rows[r] = row - tile.firstRow;
    for (let k = 0; k < count; k++) {
      // To nearest; a tie goes up.
      values[TILE_COLUMNS * r + k] = (bits[count * r + k] + 0x8000) >>> 16;
    }
  });
}

function aligned(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}

/** Packed tiles as typed arrays. */
export interface TilesView {
  readonly count: number;
  readonly matrixRows: number;
  readonly matrixColumns: number;
  readonly byteLength: number;
  /** Of all tiles, 16 each. */
  readonly columns: Uint32Array;
  /** The first row of one tile's block. */
  firstRow(t: number): number;
  /** One tile's rows, and its values row by row. */
  tile(t: number): { readonly rows: Uint32Array; readonly values: Float32Array };
}

export function viewTiles(buffer: ArrayBufferLike, offset: number): TilesView {
  const [count, matrixColumns, matrixRows, byteLength] = new Uint32Array(buffer, offset, 4);
  const directory = new Uint32Array(buffer, offset + 4 * HEADER_WORDS, HEADER_WORDS * count);
  const columns = offset + 4 * HEADER_WORDS * (1 + count);
  return {
    ...{ count, matrixRows, matrixColumns, byteLength },
    columns: new Uint32Array(buffer, columns, TILE_COLUMNS * count),
    firstRow: (t) => directory[HEADER_WORDS * t + 3],
    tile: (t) => {
      const [rowsAt, valuesAt, n, first] = directory.subarray(HEADER_WORDS * t);
      const rows = Uint32Array.from(new Uint8Array(buffer, offset + rowsAt, n), (r) => first + r);
      const halves = new Uint16Array(buffer, offset + valuesAt, TILE_COLUMNS * n);
      const bits = Uint32Array.from(halves, (half) => half << 16);
      return { rows, values: new Float32Array(bits.buffer) };
    },
  };
}
