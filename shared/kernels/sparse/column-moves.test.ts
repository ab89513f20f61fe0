/** The spec of moves of one variable and their prices, for every implementation. */
import { describe, expect, it } from 'vitest';
import { type Arena, allocate, allocatedBytes, createArena, kernelsOn } from '../backends/index.js';
import { RandomStream } from '../random/index.js';
import { LINE_LISTS, referenceMoves } from './column-moves.js';
import { columnSums } from './column-sums.js';
import type { Kernels } from './kernels.js';
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
  const line = allocate(arena, lineBytes({ rows, layers }));
  allocate(arena, 16);
  const values = new Float32Array(arena.memory.buffer, y, rows);
  values.set(values.map((_, r) => 2 * stream.uniform(9, 0, 0, r)));
  return { arena, rows, block, quads, costs, y, x, line, layers, values };
}

/** Room for a line of two sides a layer and every quad on each. */
const lineBytes = ({ rows, layers }: { rows: number; layers: readonly RowCostLayer[] }) =>
  16 * Math.ceil((LINE_LISTS + 2 * layers.length * (8 + rows)) / 16);

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

/** Prices each step along column j, of which a line is made with the reach. */
function prices(
  { quads, y, costs, line }: Scene,
  { lineQuads, linePrice }: Pick<Kernels, 'lineQuads' | 'linePrice'>,
  j: number,
  reach: number,
  along: readonly number[],
): number[] {
  lineQuads(quads, j, reach, y, costs, line);
  return along.map((step) => linePrice(quads, j, step, y, costs, line));
}

describe.each(Object.entries(implementations))('the price of a column in %s', (_name, make) => {
  describe.each(shapes)('with $rows x $columns', ({ rows, columns }) => {
    it.each([1, 2, 3])('is what %i layers cost after it is added, less before', (layerCount) => {
      const s = scene(rows, columns, layerCount);
      const kernels = make(s.arena);
      for (let j = 0; j < columns; j++) {
        const step = steps[j % steps.length];
        const [before, y] = [rowCosts(s), s.values.slice()];
        const [price] = prices(s, kernels, j, Math.abs(step), [step]);
        kernels.addQuads(s.quads, j, step, s.y);
        const after = rowCosts(s);
        let [change, tolerance] = [0, 0];
        after.forEach((cost, r) => {
          if (s.values[r] === y[r]) return;
          change += cost - before[r];
          // The row is rounded when it is added to, where a price has the cost's slope.
          const slope = 2 * (Math.sqrt(cost) + Math.sqrt(before[r])) * Math.sqrt(layerCount);
          tolerance += ROUNDING * slope * Math.max(s.values[r], y[r]);
          tolerance += 4 * ROUNDING * (cost + before[r]) + 100 * ROUNDING * Math.abs(slope * step);
        });
        expect(Math.abs(price - change)).toBeLessThanOrEqual(tolerance);
      }
    });

    it.each([1, 2, 3])('does not depend on the reach, nor on other steps, %i layers', (count) => {
      const s = scene(rows, columns, count);
      const kernels = make(s.arena);
      for (let j = 0; j < columns; j++) {
        const all = prices(s, kernels, j, 0.5, steps);
        steps.forEach((step, k) => {
          expect(prices(s, kernels, j, Math.abs(step), [step])).toEqual([all[k]]);
        });
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

  it('counts rows at the very end of their interval on either side', () => {
    const s = scene(2999, 25, 1);
    const [{ high }] = s.layers;
    s.values.forEach((_, r) => {
      s.values[r] = high[r] < Infinity ? high[r] : 0;
    });
    const [down, none, up] = prices(s, make(s.arena), 0, 1, [-1, 0, 1]);
    expect(none).toBe(0);
    expect(up).toBeGreaterThan(0);
    expect(Math.abs(down)).toBeLessThan(1e-6 * up);
  });

  it('leaves all of the memory as it is but for the line', () => {
    const s = scene(2999, 25, 3);
    const kernels = make(s.arena);
    const before = snapshot(s);
    for (let j = 0; j < 25; j++) prices(s, kernels, j, 0.1, [0.1, -0.05]);
    kernels.rowCost(2999, s.y, s.costs);
    expect(snapshot(s).subarray(0, s.line).equals(before.subarray(0, s.line))).toBe(true);
    const end = s.line + lineBytes(s);
    expect(snapshot(s).subarray(end).equals(before.subarray(end))).toBe(true);
  });

  it('is 0 for no step, no column and no layer', () => {
    const s = scene(2999, 25, 2);
    expect(prices(s, make(s.arena), 0, 1, [0])).toEqual([0]);
    expect(prices(s, make(s.arena), 1, 1, [1])).toEqual([0]);
    expect(prices(s, make(s.arena), 0, 1, [1])).not.toEqual([0]);
    const none = scene(2999, 25, 0);
    expect(prices(none, make(none.arena), 0, 1, [1])).toEqual([0]);
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
      const numbers = scenes.flatMap((s) => {
        const { addQuads, addScaled, rowCost, ...kernels } = make(s.arena);
        const moved = Array.from({ length: shape.columns }, (_, j) => {
          addQuads(s.quads, j, steps[j % steps.length], s.y);
          return prices(s, kernels, j, 0.5, steps);
        });
        const x = new Float64Array(s.arena.memory.buffer, s.x, shape.columns);
        x.set(x.map((_, j) => stream.normal(8, 0, 0, j)));
        const cost = rowCost(shape.rows, s.y, s.costs);
        addScaled(shape.columns, 0.3, s.x, s.x);
        return [...moved, [cost]];
      });
      return { numbers: Float64Array.from(numbers.flat()), memories: scenes.map(snapshot) };
    });
    expect(found[1].numbers).toEqual(found[0].numbers);
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
