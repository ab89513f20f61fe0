/**
 * Products with run-length blocks, plain TypeScript: the reference that the WebAssembly version
 * equals bit for bit. Inside a block sums are float32 in a fixed order; a transposed product adds
 * its four partial sums up in float64 after every `FLUSH_RUNS` runs.
 */
import type { Kernels } from './kernels.js';
import { LANES } from './kernels.js';
import { viewBlock } from './run-length.js';

const FLUSH_RUNS = 32;
const { fround } = Math;

type Products = Pick<
  Kernels,
  'addColumn' | 'multiply' | 'multiply4' | 'multiplyTransposed' | 'multiplyTransposed4' | 'sumLanes'
>;

/** The products on the memory behind `buffer`. */
export function referenceProducts(buffer: ArrayBufferLike): Products {
  const addColumn: Products['addColumn'] = (block, j, delta, y) => {
    const { scales, runStarts, valueStarts, runs, values } = viewBlock(buffer, block);
    const f32 = new Float32Array(buffer);
    const factor = fround(delta * scales[j]);
    if (factor === 0) return;
    let value = 4 * valueStarts[j];
    let row = y / 4;
    for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
      row += runs[r] & 0xffff;
      const count = 4 * (runs[r] >>> 16);
      for (let k = 0; k < count; k++) f32[row + k] += fround(factor * values[value + k]);
      value += count;
    }
  };

  const multiply: Products['multiply'] = (block, from, to, x, y) => {
    const weights = new Float64Array(buffer);
    for (let j = from; j < to; j++) addColumn(block, j, weights[x / 8 + j], y);
  };

  const multiplyTransposed: Products['multiplyTransposed'] = (block, from, to, v, out) => {
    const { scales, runStarts, valueStarts, runs, values } = viewBlock(buffer, block);
    const f64 = new Float64Array(buffer);
    const f32 = new Float32Array(buffer);
    const acc = new Float32Array(4);
    for (let j = from; j < to; j++) {
      const lanes = new Float64Array(4);
      let value = 4 * valueStarts[j];
      let row = v / 4;
      for (let r = runStarts[j]; r < runStarts[j + 1]; r++) {
        row += runs[r] & 0xffff;
        const count = 4 * (runs[r] >>> 16);
        for (let k = 0; k < count; k++) acc[k & 3] += fround(values[value + k] * f32[row + k]);
        value += count;
        const flush = (r + 1 - runStarts[j]) % FLUSH_RUNS === 0 || r + 1 === runStarts[j + 1];
        if (!flush) continue;
        for (let l = 0; l < 4; l++) lanes[l] += acc[l];
        acc.fill(0);
      }
      f64[out / 8 + j] = (lanes[0] + lanes[2] + (lanes[1] + lanes[3])) * scales[j];
    }
  };

  return {
    addColumn,
    multiply,
    multiplyTransposed,
    multiply4: (block, from, to, x, xStride, y, yStride) => {
      for (let k = 0; k < 4; k++) multiply(block, from, to, x + k * xStride, y + k * yStride);
    },
    multiplyTransposed4: (block, from, to, v, vStride, out, outStride) => {
      for (let k = 0; k < 4; k++) {
        multiplyTransposed(block, from, to, v + k * vStride, out + k * outStride);
      }
    },
    sumLanes: (parts, stride, from, to, out) => {
      const f32 = new Float32Array(buffer);
      const lane = (l: number, r: number) => f32[(parts + l * stride) / 4 + r];
      for (let r = from; r < to || (r - from) % 4 !== 0; r++) {
        let sum = 0;
        for (let l = 0; l < LANES; l += 4) {
          sum += lane(l, r) + lane(l + 1, r) + (lane(l + 2, r) + lane(l + 3, r));
        }
        f32[out / 4 + r] = sum;
      }
    },
  };
}
