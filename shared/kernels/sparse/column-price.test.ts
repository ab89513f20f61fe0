/** The spec of pricing, for every implementation of it. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, allocatedBytes, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { referencePrice } from './column-price.js';
import { columnSums } from './column-sums.js';
import { packBlock } from './pack.js';
import { randomColumns } from './random-columns.js';
import { packRowCosts, type RowCostLayer } from './row-costs.js';
import { ROW_PADDING, viewBlock } from './run-length.js';
import { referenceProducts } from './run-length-products.js';

/** Each is made when all memory is allocated. */
const implementations = {
  TypeScript: ({ memory: { buffer } }: Arena) => ({
    ...referenceProducts(buffer),
    ...referencePrice(buffer),
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

/** Intervals that are open below, open above, points and proper ones; every third row is free. */
function randomLayer(rows: number, layer: number): RowCostLayer {
  const low = new Float32Array(rows);
  const high = new Float32Array(rows);
  const weight = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const drawn = stream.uniform(layer, 0, 0, r);
    const u = (k: number) => (drawn * 10 ** k) % 1;
    const kind = u(0);
    low[r] = kind < OPEN_BELOW ? -Infinity : 2 * u(1) - 0.5;
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
  const costs = place(packRowCosts(rows, layers));
  const y = allocate(arena, 16 * Math.ceil((rows + ROW_PADDING) / 4));
  const x = allocate(arena, 8 * columns);
  const values = new Float32Array(arena.memory.buffer, y, rows);
  values.set(values.map((_, r) => 2 * stream.uniform(9, 0, 0, r)));
  return { arena, block, costs, y, x, layers, values };
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
      const { addColumn, priceColumn } = make(s.arena);
      for (let j = 0; j < columns; j++) {
        const step = steps[j % steps.length];
        const before = rowCosts(s);
        const price = priceColumn(s.block, j, step, s.y, s.costs);
        addColumn(s.block, j, step, s.y);
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
        make(added.arena).addColumn(added.block, j, 0.3 * j, added.y);
        new Float64Array(product.arena.memory.buffer, product.x)[j] = 0.3 * j;
        kernels.multiply(product.block, j, j + 1, product.x, product.y);
      }
      expect(bytesOf(added.values).equals(bytesOf(product.values))).toBe(true);
    });
  });

  it('leaves all of the memory as it is', () => {
    const s = scene(2999, 25, 3);
    const { priceColumn } = make(s.arena);
    const before = snapshot(s);
    for (let j = 0; j < 25; j++) priceColumn(s.block, j, 0.1, s.y, s.costs);
    expect(snapshot(s).equals(before)).toBe(true);
  });

  it('is 0 for no step, no column and no layer', () => {
    const s = scene(2999, 25, 2);
    const { priceColumn } = make(s.arena);
    expect(priceColumn(s.block, 0, 0, s.y, s.costs)).toBe(0);
    expect(priceColumn(s.block, 1, 1, s.y, s.costs)).toBe(0);
    expect(priceColumn(s.block, 0, 1, s.y, s.costs)).not.toBe(0);
    const none = scene(2999, 25, 0);
    expect(make(none.arena).priceColumn(none.block, 0, 1, none.y, none.costs)).toBe(0);
  });
});

describe('the implementations of pricing', () => {
  it.each(shapes)('give the same bits, in all of the memory too ($rows x $columns)', (shape) => {
    const found = Object.values(implementations).map((make) => {
      const scenes = [1, 2, 3, 4].map((count) => scene(shape.rows, shape.columns, count));
      const prices = scenes.flatMap((s) => {
        const { addColumn, priceColumn } = make(s.arena);
        return Array.from({ length: shape.columns }, (_, j) => {
          addColumn(s.block, j, steps[j % steps.length], s.y);
          return steps.map((step) => priceColumn(s.block, j, step, s.y, s.costs));
        });
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
