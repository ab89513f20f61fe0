/** The spec of moves of one variable and their prices, for every implementation. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, allocatedBytes, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { referenceMoves } from './column-moves.js';
import { columnSums } from './column-sums.js';
import { packBlock } from './pack.js';
import { packQuadColumns, quadVectorBytes } from './quad-columns.js';
import { randomColumns } from './random-columns.js';
import { packRowCosts, type RowCostLayer } from './row-costs.js';
import { viewBlock } from './run-length.js';
import { referenceProducts } from './run-length-products.js';

/** Each is made when all memory is allocated. */
const implementations = {
  TypeScript: ({ memory: { buffer } }: Arena) => ({
    ...referenceProducts(buffer),
    ...referenceMoves(buffer),
  }),
  WebAssembly: (arena: Arena) => kernelsOn(arena),
};

const shapes = [
  { rows: 2999, columns: 25 },
  { rows: 70_002, columns: 8 },
  { rows: 6, columns: 5 },
];
const stream = new RandomStream(5, 'row costs');
const [OPEN_BELOW, OPEN_ABOVE] = [0.3, 0.6];

/**
 * Intervals that are open below, open above, points and proper ones; every third row is free. In
 * even layers all are open below.
 */
function randomLayer(rows: number, layer: number): RowCostLayer {
  const low = new Float32Array(rows);
  const high = new Float32Array(rows);
  const weight = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const drawn = stream.uniform(layer, 0, 0, r);
    const u = (k: number) => (drawn * 10 ** k) % 1;
    const kind = u(0);
    low[r] = layer % 2 === 0 || kind < OPEN_BELOW ? -Infinity : 2 * u(1) - 0.5;
    high[r] = kind > OPEN_ABOVE ? Infinity : Math.max(low[r], 2 * u(1) - 0.5) + (r % 2) * u(2);
    weight[r] = r % 3 === 0 ? 0 : u(3);
  }
  return { low, high, weight };
}

function scene(rows: number, columns: number, layerCount: number) {
  const arena = createArena();
  const place = (bytes: ArrayBuffer) => {
    const offset = allocate(arena, bytes.byteLength);
    new Uint8Array(arena.memory.buffer, offset).set(new Uint8Array(bytes));
    return offset;
  };
  const layers = Array.from({ length: layerCount }, (_, l) => randomLayer(rows, l));
  const block = place(packBlock(rows, randomColumns(rows, rows, columns)));
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const quads = place(packQuadColumns([viewBlock(arena.memory.buffer, block)], all, rows));
  const costs = place(packRowCosts(rows, layers));
  const y = allocate(arena, quadVectorBytes(rows));
  const x = allocate(arena, 8 * (columns + 1));
  const values = new Float32Array(arena.memory.buffer, y, rows);
  values.set(values.map((_, r) => 2 * stream.uniform(9, 0, 0, r)));
  return { arena, block, quads, costs, y, x, layers, values };
}

type Scene = ReturnType<typeof scene>;

/** Cost of y, row by row, in float64. */
function rowCosts({ layers, values }: Scene): Float64Array {
  return Float64Array.from(values, (yr, r) =>
    layers.reduce((sum, { low, high, weight }) => {
      const distance = yr - Math.min(Math.max(yr, low[r]), high[r]);
      return sum + weight[r] * distance * distance;
    }, 0),
  );
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(new Uint8Array(buffer, byteOffset, byteLength));
const snapshot = ({ arena }: Scene) =>
  Buffer.from(new Uint8Array(arena.memory.buffer, 0, allocatedBytes(arena)));

/** Half an ulp of float32, relative. */
const ROUNDING = 2 ** -24;
const steps = [1e-4, 0.03, 0.5, -0.2, -1e-5, 0];

describe.each(Object.entries(implementations))('the price of a column in %s', (_name, make) => {
  describe.each(shapes)('with $rows x $columns', ({ rows, columns }) => {
    it.each([1, 2, 3])('is what %i layers cost after it is added, less before', (layerCount) => {
      const s = scene(rows, columns, layerCount);
      const { addQuads, priceQuads } = make(s.arena);
      for (let j = 0; j < columns; j++) {
        const step = steps[j % steps.length];
        const before = rowCosts(s);
        const price = priceQuads(s.quads, j, step, s.y, s.costs);
        addQuads(s.quads, j, step, s.y);
        const after = rowCosts(s);
        let change = 0;
        let tolerance = 0;
        after.forEach((cost, r) => {
          change += cost - before[r];
          // Distances a and b are rounded: w (a + b)(b - a) to the rounding of w (a + b)^2.
          if (cost !== before[r]) tolerance += 4 * ROUNDING * (cost + before[r]);
          tolerance += 50 * ROUNDING * Math.abs(cost - before[r]);
        });
        expect(Math.abs(price - change)).toBeLessThanOrEqual(tolerance);
      }
    });

    it('adds the column as a product with one weight does, bit for bit', () => {
      const [added, product] = [scene(rows, columns, 1), scene(rows, columns, 1)];
      const kernels = make(product.arena);
      for (let j = 0; j < columns; j++) {
        make(added.arena).addQuads(added.quads, j, 0.3 * j, added.y);
        new Float64Array(product.arena.memory.buffer, product.x)[j] = 0.3 * j;
        kernels.multiply(product.block, j, j + 1, product.x, product.y);
      }
      expect(bytesOf(added.values).equals(bytesOf(product.values))).toBe(true);
    });
  });

  it.each([1, 2, 3])('is the same when two steps are priced at once, %i layers', (layerCount) => {
    const s = scene(2999, 25, layerCount);
    const { priceQuads, priceQuadsTwice } = make(s.arena);
    const out = new Float64Array(s.arena.memory.buffer, s.x, 2);
    for (let j = 0; j < 25; j++) {
      const pair = [steps[j % steps.length], steps[(j + 1) % steps.length]];
      priceQuadsTwice(s.quads, j, pair[0], pair[1], s.y, s.costs, s.x);
      expect([...out]).toEqual(pair.map((step) => priceQuads(s.quads, j, step, s.y, s.costs)));
    }
  });

  it('leaves all of the memory as it is', () => {
    const s = scene(2999, 25, 3);
    const { priceQuads, rowCost } = make(s.arena);
    const before = snapshot(s);
    for (let j = 0; j < 25; j++) priceQuads(s.quads, j, 0.1, s.y, s.costs);
    rowCost(2999, s.y, s.costs);
    expect(snapshot(s).equals(before)).toBe(true);
  });

  it('is 0 for no step, no column and no layer', () => {
    const s = scene(2999, 25, 2);
    const { priceQuads } = make(s.arena);
    expect(priceQuads(s.quads, 0, 0, s.y, s.costs)).toBe(0);
    expect(priceQuads(s.quads, 1, 1, s.y, s.costs)).toBe(0);
    expect(priceQuads(s.quads, 0, 1, s.y, s.costs)).not.toBe(0);
    const none = scene(2999, 25, 0);
    expect(make(none.arena).priceQuads(none.quads, 0, 1, none.y, none.costs)).toBe(0);
  });
});

describe.each(Object.entries(implementations))('costs of rows in %s', (_name, make) => {
  it.each(shapes)('are those of all layers ($rows rows)', ({ rows, columns }) => {
    for (const layerCount of [0, 1, 3]) {
      const s = scene(rows, columns, layerCount);
      const wanted = rowCosts(s).reduce((sum, cost) => sum + cost, 0);
      const found = make(s.arena).rowCost(rows, s.y, s.costs);
      expect(Math.abs(found - wanted)).toBeLessThanOrEqual(8 * ROUNDING * wanted);
    }
  });
});

describe('columns of some rows', () => {
  it.each(shapes)('hold the values that the block holds ($rows x $columns)', (shape) => {
    const { arena, block, y } = scene(shape.rows, shape.columns, 1);
    const kept = Array.from({ length: shape.rows }, (_, row) => row).filter((row) => row % 5 < 3);
    const places = new Int32Array(shape.rows).fill(-1);
    kept.forEach((row, at) => {
      places[row] = at;
    });
    const { buffer } = arena.memory;
    const packed = packQuadColumns([viewBlock(buffer, block)], places, kept.length);
    const own = createArena();
    const quads = allocate(own, packed.byteLength);
    new Uint8Array(own.memory.buffer, quads).set(new Uint8Array(packed));
    const z = allocate(own, quadVectorBytes(kept.length));
    for (let j = 0; j < shape.columns; j++) {
      const all = new Float32Array(buffer, y, shape.rows).fill(0);
      kernelsOn(arena).addColumn(block, j, 0.7, y);
      const some = new Float32Array(own.memory.buffer, z, kept.length).fill(0);
      kernelsOn(own).addQuads(quads, j, 0.7, z);
      expect(some).toEqual(Float32Array.from(kept, (row) => all[row]));
    }
  });
});

describe('the implementations of moves', () => {
  it.each(shapes)('give the same bits, in all of the memory too ($rows x $columns)', (shape) => {
    const found = Object.values(implementations).map((make) => {
      const scenes = [1, 2, 3, 4].map((count) => scene(shape.rows, shape.columns, count));
      const prices = scenes.flatMap((s) => {
        const { addQuads, addScaled, priceQuads, rowCost } = make(s.arena);
        const moved = Array.from({ length: shape.columns }, (_, j) => {
          addQuads(s.quads, j, steps[j % steps.length], s.y);
          return steps.map((step) => priceQuads(s.quads, j, step, s.y, s.costs));
        });
        const numbers = new Float64Array(s.arena.memory.buffer, s.x, shape.columns);
        numbers.set(numbers.map((_, j) => stream.normal(8, 0, 0, j)));
        const cost = rowCost(shape.rows, s.y, s.costs);
        addScaled(shape.columns, 0.3, s.x, s.x);
        return [...moved, [cost]];
      });
      return { prices: Float64Array.from(prices.flat()), memories: scenes.map(snapshot) };
    });
    expect(found[1].prices).toEqual(found[0].prices);
    found[1].memories.forEach((memory, k) => {
      expect(memory.equals(found[0].memories[k])).toBe(true);
    });
  });
});

describe('weighted sums of columns', () => {
  it.each(shapes)('are those of the transposed product ($rows x $columns)', ({ rows, columns }) => {
    const { arena, block, x, y, values } = scene(rows, columns, 1);
    const { buffer } = arena.memory;
    kernelsOn(arena).multiplyTransposed(block, 0, columns, y, x);
    const products = new Float64Array(buffer, x, columns);
    const sums = new Float64Array(viewBlock(buffer, block).columns);
    columnSums(buffer, block, Float64Array.from(values), sums);
    sums.forEach((sum, j) => {
      // Nothing is negative here, so the float32 sums keep their relative size.
      expect(Math.abs(sum - products[j])).toBeLessThanOrEqual(2e-5 * sum);
    });
  });
});
