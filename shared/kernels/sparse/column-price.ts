/**
 * The price of one changed variable, plain TypeScript: the reference that the WebAssembly version
 * equals bit for bit. A row's new value is rounded as `addColumn` rounds it, and w (b^2 - a^2) is
 * taken as w (b - a)(b + a) in float32: small changes keep their digits. As in the other products,
 * four lanes are added up in float64 after some runs. Layers are taken in pairs: most of the work
 * is walking along the column.
 */
import type { Kernels } from './kernels.js';
import { ROW_COST_HEADER_BYTES, ROW_COST_VECTORS } from './row-costs.js';
import { viewBlock } from './run-length.js';

const FLUSH_RUNS = 8;
const { fround } = Math;

/** Pricing on the memory behind `buffer`. */
export function referencePrice(buffer: ArrayBufferLike): Pick<Kernels, 'priceColumn'> {
  const priceColumn: Kernels['priceColumn'] = (block, j, step, y, costs) => {
    const { scales, runStarts, valueStarts, runs, values } = viewBlock(buffer, block);
    const f32 = new Float32Array(buffer);
    const factor = fround(step * scales[j]);
    const [layers, stride] = new Uint32Array(buffer, costs, 2);
    const acc = new Float32Array(4);
    let price = 0;
    for (let layer = 0; layer < layers; layer += 2) {
      const changes = [layer, layer + 1]
        .filter((l) => l < layers)
        .map((l) => changeIn(buffer, costs + ROW_COST_HEADER_BYTES, stride, l));
      const lanes = new Float64Array(4);
      let value = 4 * valueStarts[j];
      let row = 0;
      for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
        row += runs[r] & 0xffff;
        const count = 4 * (runs[r] >>> 16);
        for (let k = 0; k < count; k++) {
          const before = f32[y / 4 + row + k];
          const after = fround(before + fround(factor * values[value + k]));
          acc[k & 3] += changes.reduce(
            (sum, change) => fround(sum + change(row + k, before, after)),
            0,
          );
        }
        value += count;
        const flush = (r + 1 - runStarts[j]) % FLUSH_RUNS === 0 || r + 1 === runStarts[j + 1];
        if (!flush) continue;
        for (let l = 0; l < 4; l++) lanes[l] += acc[l];
        acc.fill(0);
      }
      price += lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
    }
    return price;
  };
  return { priceColumn };
}

/** What a row's cost in a layer changes by. */
function changeIn(buffer: ArrayBufferLike, vectors: number, stride: number, layer: number) {
  const [low, high, weight] = [0, 1, 2].map(
    (k) => new Float32Array(buffer, vectors + (layer * ROW_COST_VECTORS + k) * stride, stride / 4),
  );
  return (row: number, before: number, after: number): number => {
    const clamped = (y: number) => Math.min(Math.max(y, low[row]), high[row]);
    const a = fround(before - clamped(before));
    const b = fround(after - clamped(after));
    return fround(weight[row] * fround(fround(b - a) * fround(b + a)));
  };
}
