/** The spec of products with tiles, for both implementations. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { quadVectorBytes } from './quad-columns.js';
import { packRowCosts } from './row-costs.js';
import { referenceTileProducts } from './tile-products.js';
import { BLOCK_ROWS, packTiles, TILE_COLUMNS, type Tile, viewTiles } from './tiles.js';

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
  const [y, v] = [allocate(arena, quadVectorBytes(rows)), allocate(arena, 4 * rows)];
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
    const tile = view.tile(t);
    tile.values.forEach((value, i) => {
      const column = TILE_COLUMNS * t + (i % TILE_COLUMNS);
      const row = tile.rows[Math.floor(i / TILE_COLUMNS)];
      if (value > 0) entries.push([row, view.columns[column], value]);
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

/** Rows cost outside of intervals; the tiles are there twice, as two parts. */
function costScene() {
  const of = scene();
  const { arena, tiles, z, out } = of;
  const stream = new RandomStream(3, 'costs');
  const layers = [0, 1].map((l) => ({
    low: Float32Array.from({ length: rows }, (_, r) => 3 * stream.uniform(l, 0, 0, r)),
    high: Float32Array.from({ length: rows }, (_, r) => 3 + stream.uniform(l, 1, 0, r)),
    weight: Float32Array.from({ length: rows }, (_, r) => stream.uniform(l, 2, 0, r)),
  }));
  const packed = new Uint8Array(packRowCosts(rows, layers));
  const costs = allocate(arena, packed.length);
  new Uint8Array(arena.memory.buffer, costs).set(packed);
  const [otherZ, otherOut] = [z, out].map(() => allocate(arena, 8 * (columns + 1)));
  of.vector(otherZ).set(of.vector(z).map((value) => 1.5 * value * value));
  const parts = allocate(arena, 32);
  new Uint32Array(arena.memory.buffer, parts, 8).set([
    ...[tiles, z, out, 0],
    ...[tiles, otherZ, otherOut, 0],
  ]);
  return { ...of, layers, costs, parts, zs: [z, otherZ], outs: [out, otherOut] };
}

describe.each(Object.keys(implementations))('the cost of tiles in %s', (name) => {
  it('is that of the rows of all parts, with its gradient', () => {
    const { arena, entries, layers, costs, parts, y, zs, outs, vector } = costScene();
    const { costOfTiles } = implementations[name](arena);
    const image = new Float64Array(rows);
    for (const z of zs) {
      for (const [row, column, value] of entries) image[row] += value * vector(z)[column];
    }
    let wanted = 0;
    const slopes = new Float64Array(rows);
    for (const { low, high, weight } of layers) {
      image.forEach((value, r) => {
        const distance = value - Math.min(Math.max(value, low[r]), high[r]);
        wanted += weight[r] * distance * distance;
        slopes[r] += 2 * weight[r] * distance;
      });
    }
    const gradient = new Float64Array(columns);
    for (const [row, column, value] of entries) gradient[column] += value * slopes[row];
    const cost = costOfTiles(parts, 2, rows, y, costs);
    expect(Math.abs(cost - wanted)).toBeLessThan(1e-5 * wanted);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const out of outs) {
      vector(out).forEach((value, j) => {
        expect(Math.abs(value - gradient[j])).toBeLessThan(1e-5 * largest);
      });
    }
  });
});

describe('tiles', () => {
  it('keep all rows, block by block, and values to 8 significant bits', () => {
    const [tile] = randomTiles();
    const view = viewTiles(packTiles(rows, columns, [tile]), 0);
    const parts = Array.from({ length: view.count }, (_, t) => view.tile(t));
    expect(view.count).toBe(Math.ceil(rows / BLOCK_ROWS));
    expect(parts.flatMap((part) => [...part.rows])).toEqual([...tile.rows]);
    const kept = parts.flatMap((part) => [...part.values]);
    expect(kept.length).toBe(tile.values.length);
    tile.values.forEach((value, i) => {
      expect(Math.abs(kept[i] - value)).toBeLessThanOrEqual(2 ** -8 * value);
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
      const sums = [of.rowsAt(of.y), columnSums, of.vector(of.out)];
      const { arena, parts, y, costs, outs, vector } = costScene();
      const { costOfTiles } = implementations[['TypeScript', 'WebAssembly'][i]](arena);
      const cost = costOfTiles(parts, 2, rows, y, costs);
      return [...sums, cost, ...outs.map((out) => vector(out))];
    });
    expect(products[0]).toEqual(products[1]);
  });
});
