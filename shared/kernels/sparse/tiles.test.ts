/** The spec of products with tiles, for both implementations. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { referenceTileProducts } from './tile-products.js';
import { packTiles, TILE_COLUMNS, type Tile, viewTiles } from './tiles.js';

type Products = ReturnType<typeof referenceTileProducts>;

const implementations: Record<string, (arena: Arena) => Products> = {
  TypeScript: (arena) => referenceTileProducts(arena.memory.buffer),
  WebAssembly: (arena) => kernelsOn(arena),
};

const [rows, columns] = [700, 37];

/** Two full tiles and one of five columns, on rows of their own. */
function randomTiles(): Tile[] {
  const stream = new RandomStream(1, 'tiles');
  return [0, 1, 2].map((t) => {
    const count = Math.min(TILE_COLUMNS, columns - TILE_COLUMNS * t);
    const of = Uint32Array.from({ length: rows }, (_, r) => r);
    const kept = of.filter((r) => stream.uniform(t, 0, 0, r) < 0.6);
    const value = (_: number, i: number) => Math.max(0, stream.uniform(t, 1, 0, i) - 0.3);
    return {
      columns: Uint32Array.from(
        { length: count },
        (_, k) => (7 * (TILE_COLUMNS * t + k)) % columns,
      ),
      rows: kept,
      values: new Float32Array(kept.length * count).map(value),
    };
  });
}

/** Tiles in an arena, and what is stored in them, entry by entry. */
function scene() {
  const arena = createArena();
  const bytes = new Uint8Array(packTiles(rows, columns, randomTiles()));
  const tiles = allocate(arena, bytes.length);
  new Uint8Array(arena.memory.buffer, tiles).set(bytes);
  const [z, out] = [allocate(arena, 8 * (columns + 1)), allocate(arena, 8 * (columns + 1))];
  const [y, v] = [allocate(arena, 4 * rows), allocate(arena, 4 * rows)];
  const stream = new RandomStream(2, 'vectors');
  const { buffer } = arena.memory;
  new Float64Array(buffer, z, columns).forEach((_, j, all) => {
    all[j] = stream.uniform(0, 0, 0, j);
  });
  for (const [s, at] of [y, v].entries()) {
    new Float32Array(buffer, at, rows).forEach((_, r, all) => {
      all[r] = stream.uniform(1, s, 0, r) - 0.5;
    });
  }
  const view = viewTiles(buffer, tiles);
  const entries: [number, number, number][] = [];
  for (let t = 0; t < view.count; t++) {
    view.values[t].forEach((value, i) => {
      const column = TILE_COLUMNS * t + (i % TILE_COLUMNS);
      const row = view.rows[t][Math.floor(i / TILE_COLUMNS)];
      if (value > 0) entries.push([row, view.columns[column], value * view.scales[column]]);
    });
  }
  const vector = (at: number) => new Float64Array(buffer, at, columns);
  const rowsAt = (at: number) => new Float32Array(buffer, at, rows);
  return { arena, tiles, z, out, y, v, entries, vector, rowsAt };
}

describe.each(Object.keys(implementations))('tiles in %s', (name) => {
  it('multiply as the entries that they store', () => {
    const { arena, tiles, z, y, entries, vector, rowsAt } = scene();
    const expected = Float64Array.from(rowsAt(y));
    for (const [row, column, value] of entries) expected[row] += value * vector(z)[column];
    implementations[name](arena).multiplyTiles(tiles, z, y);
    rowsAt(y).forEach((value, r) => {
      expect(Math.abs(value - expected[r])).toBeLessThan(1e-5);
    });
  });

  it('multiply transposed as the entries that they store', () => {
    const { arena, tiles, v, out, entries, vector, rowsAt } = scene();
    const expected = new Float64Array(columns);
    for (const [row, column, value] of entries) expected[column] += value * rowsAt(v)[row];
    implementations[name](arena).multiplyTilesTransposed(tiles, v, out);
    vector(out).forEach((value, j) => {
      expect(Math.abs(value - expected[j])).toBeLessThan(1e-5);
    });
  });

  it('multiply transposed with squared values', () => {
    const { arena, tiles, v, out, entries, vector, rowsAt } = scene();
    const expected = new Float64Array(columns);
    for (const [row, column, value] of entries) expected[column] += value * value * rowsAt(v)[row];
    implementations[name](arena).multiplySquaredTilesTransposed(tiles, v, out);
    vector(out).forEach((value, j) => {
      expect(Math.abs(value - expected[j])).toBeLessThan(1e-5);
    });
  });
});

describe('tiles', () => {
  it('keep values to half a step of 16 bits of the largest in their column', () => {
    const [tile] = randomTiles();
    const view = viewTiles(packTiles(rows, columns, [tile]), 0);
    tile.values.forEach((value, i) => {
      const k = i % TILE_COLUMNS;
      const kept = view.values[0][i] * view.scales[k];
      expect(Math.abs(kept - value)).toBeLessThanOrEqual(0.51 * view.scales[k]);
    });
  });

  it('give the same bits in TypeScript and in WebAssembly', () => {
    const [one, two] = [scene(), scene()];
    const products = [one, two].map((of, i) => {
      const { multiplyTiles, multiplyTilesTransposed, multiplySquaredTilesTransposed } =
        implementations[['TypeScript', 'WebAssembly'][i]](of.arena);
      multiplyTiles(of.tiles, of.z, of.y);
      multiplyTilesTransposed(of.tiles, of.v, of.out);
      const columnSums = of.vector(of.out).slice();
      multiplySquaredTilesTransposed(of.tiles, of.v, of.out);
      return [of.rowsAt(of.y), columnSums, of.vector(of.out)];
    });
    expect(products[0]).toEqual(products[1]);
  });
});
