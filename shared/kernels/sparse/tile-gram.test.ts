import { expect, it } from 'vitest';
import { allocate, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { gramScratchBytes } from './tile-gram.js';
import { packTiles, TILE_COLUMNS, viewTiles } from './tiles.js';

const [rows, columns] = [600, 21];

/** Tiles of 16 and of 5 columns on rows of their own; the columns of the second are mixed. */
function tilesOf(seed: number): ArrayBuffer {
  const stream = new RandomStream(seed, 'gram');
  const tiles = [16, 5].map((count, t) => {
    const all = Uint32Array.from({ length: rows }, (_, row) => row);
    const kept = all.filter((row) => stream.uniform(t, 0, 0, row) < 0.5);
    return {
      columns: Uint32Array.from({ length: count }, (_, k) => (t === 0 ? k : 20 - k)),
      rows: kept,
      values: Float32Array.from({ length: count * kept.length }, (_, i) =>
        stream.uniform(t, 1, 0, i),
      ),
    };
  });
  return packTiles(rows, columns, tiles);
}

it('the Gram matrix of tiles has the products of all scaled columns to 11 bits', () => {
  const packed = [tilesOf(1), tilesOf(2)];
  const views = packed.map((tiles) => viewTiles(tiles, 0));
  const arena = createArena();
  const width = 64;
  const parts = allocate(arena, 32);
  const scaleAt = allocate(arena, 4 * 768);
  const gramAt = allocate(arena, 4 * width * width);
  const scratch = allocate(arena, gramScratchBytes(4));
  const places = packed.map((tiles) => allocate(arena, tiles.byteLength));
  const columnsAt = views.map(({ count }) => allocate(arena, 4 * count));
  const { buffer } = arena.memory;
  const stream = new RandomStream(3, 'gram');
  const scale = new Float32Array(buffer, scaleAt, rows);
  scale.forEach((_, row) => {
    scale[row] = row % 3 === 0 ? 0 : stream.uniform(0, 0, 0, row);
  });
  const scaled = new Float64Array(width * rows);
  views.forEach((view, p) => {
    new Uint8Array(buffer, places[p]).set(new Uint8Array(packed[p]));
    new Uint32Array(buffer, parts + 16 * p, 4).set([places[p], columnsAt[p], 0, width]);
    const firstColumns = new Uint32Array(buffer, columnsAt[p], view.count);
    for (let t = 0; t < view.count; t++) {
      firstColumns[t] = 32 * p + (view.columns[TILE_COLUMNS * t] === 0 ? 0 : TILE_COLUMNS);
      const { rows: of, values } = view.tile(t);
      values.forEach((value, i) => {
        const column = firstColumns[t] + (i % TILE_COLUMNS);
        const row = of[Math.floor(i / TILE_COLUMNS)];
        scaled[rows * column + row] = value * scale[row];
      });
    }
  });
  kernelsOn(arena).gramOfTiles(parts, 2, rows, scaleAt, scratch, gramAt, 4 * width);
  const gram = new Float32Array(buffer, gramAt, width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let row = 0; row < rows; row++)
        product += scaled[rows * i + row] * scaled[rows * j + row];
      expect(Math.abs(gram[width * i + j] - product)).toBeLessThan(5e-4 * (1 + product));
    }
  }
});
