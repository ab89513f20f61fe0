import { BLOCK_ROWS, TILE_COLUMNS } from './tiles.js';

/** Of the rows that two tiles have in common: two offsets each, and an entry more. */
const LIST_BYTES = 8 * BLOCK_ROWS + 16;
/** Of the values of a tile: as float32, or of those common rows of two tiles, as int16. */
const VALUES_BYTES = 4 * TILE_COLUMNS * BLOCK_ROWS;
/** Of an unpacked tile, twice: 16 bytes, numbers of rows, values as int16, a row of zeros. */
const TILE_BYTES = 2 * (16 + BLOCK_ROWS + 2 * TILE_COLUMNS * (BLOCK_ROWS + 1));

/** Scratch of `gramOfTiles` where at most `tiles` tiles of all parts together are in a block. */
export function gramScratchBytes(tiles: number): number {
  return LIST_BYTES + VALUES_BYTES + TILE_BYTES * tiles;
}
