/**
 * What one changed variable adds to the rows and what that costs, plain TypeScript: the reference
 * that the WebAssembly version equals bit for bit. A price looks at a row's new value as `addQuads`
 * rounds it, and w (b^2 - a^2) is taken as w (b - a)(b + a) in float32: small changes keep their
 * digits. Four lanes are added up in float64 after some quads.
 */
import type { Kernels } from './kernels.js';
import { viewQuadColumns } from './quad-columns.js';
import { layersAt } from './row-costs.js';

const FLUSH_QUADS = 32;
const { fround } = Math;

type Moves = Pick<Kernels, 'addQuads' | 'addScaled' | 'priceQuads' | 'priceQuadsTwice' | 'rowCost'>;

/** Moves on the memory behind `buffer`. */
export function referenceMoves(buffer: ArrayBufferLike): Moves {
  const addQuads: Moves['addQuads'] = (quads, j, delta, y) => {
    const { scales, starts, places, values } = viewQuadColumns(buffer, quads);
    const f32 = new Float32Array(buffer);
    const factor = fround(delta * scales[j]);
    for (let i = starts[j]; i < starts[j + 1]; i++) {
      const row = (y + places[i]) / 4;
      for (let k = 0; k < 4; k++) f32[row + k] += fround(factor * values[4 * i + k]);
    }
  };

  const priceQuads: Moves['priceQuads'] = (quads, j, step, y, costs) => {
    const { scales, starts, places, values } = viewQuadColumns(buffer, quads);
    const f32 = new Float32Array(buffer);
    const factor = fround(step * scales[j]);
    let price = 0;
    for (const { distance, weight } of layersAt(buffer, costs)) {
      const acc = new Float32Array(4);
      const lanes = new Float64Array(4);
      for (let i = starts[j]; i < starts[j + 1]; i++) {
        for (let k = 0; k < 4; k++) {
          const row = places[i] / 4 + k;
          const before = f32[y / 4 + row];
          const after = fround(before + fround(factor * values[4 * i + k]));
          const [a, b] = [distance(row, before), distance(row, after)];
          acc[k] += fround(weight[row] * fround(fround(b - a) * fround(b + a)));
        }
        const flush = (i + 1 - starts[j]) % FLUSH_QUADS === 0 || i + 1 === starts[j + 1];
        if (!flush) continue;
        for (let l = 0; l < 4; l++) lanes[l] += acc[l];
        acc.fill(0);
      }
      price += lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
    }
    return price;
  };

  return {
    addQuads,
    addScaled: (count, factor, x, y) => {
      const f64 = new Float64Array(buffer);
      const even = count + (count % 2);
      for (let i = 0; i < even; i++) f64[y / 8 + i] += factor * f64[x / 8 + i];
    },
    priceQuads,
    priceQuadsTwice: (quads, j, one, other, y, costs, out) => {
      const prices = [one, other].map((step) => priceQuads(quads, j, step, y, costs));
      new Float64Array(buffer, out, 2).set(prices);
    },
    rowCost: (rows, y, costs) => {
      const values = new Float32Array(buffer, y, rows);
      const lanes = new Float64Array(4);
      for (const { distance, weight } of layersAt(buffer, costs)) {
        values.forEach((value, row) => {
          const d = distance(row, value);
          lanes[row & 3] += fround(weight[row] * fround(d * d));
        });
      }
      return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
    },
  };
}
