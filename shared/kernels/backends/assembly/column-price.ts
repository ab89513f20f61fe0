// The price of one changed variable; the twin of ../../sparse/column-price.ts. The layout of the
// costs is explained in ../../sparse/row-costs.ts.

import { RUN_STARTS, RUNS, SCALES, VALUE_STARTS, VALUES } from './run-length';

const HEADER_BYTES: u32 = 16;
const VECTORS: u32 = 3;
/** Runs summed in float32 before they are added up in float64. */
const FLUSH_RUNS: u32 = 8;

/** weight (b^2 - a^2), where a and b are the distances of `before` and `after` from an interval. */
function change(before: v128, after: v128, lows: u32, stride: u32): v128 {
  const low = v128.load(lows);
  const high = v128.load(lows + stride);
  const a = f32x4.sub(before, f32x4.pmin(f32x4.pmax(before, low), high));
  const b = f32x4.sub(after, f32x4.pmin(f32x4.pmax(after, low), high));
  const weight = v128.load(lows + 2 * stride);
  return f32x4.mul(weight, f32x4.mul(f32x4.sub(b, a), f32x4.add(b, a)));
}

/** The price in one layer, or in two that follow each other. `lows` is counted from y. */
function layerPrice(
  firstRun: u32,
  lastRun: u32,
  values: u32,
  factor: v128,
  y: u32,
  lows: u32,
  stride: u32,
  two: bool,
): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let value = values;
  let row = y;
  for (let run = firstRun; run < lastRun; ) {
    const flush = min(run + (FLUSH_RUNS << 2), lastRun);
    let acc = f32x4.splat(0);
    for (; run < flush; run += 4) {
      const word = load<u32>(run);
      row += (word & 0xffff) << 2;
      let at = row;
      const end = value + ((word >>> 16) << 3);
      for (; value < end; value += 8, at += 16) {
        const added = f32x4.mul(factor, f32x4.convert_i32x4_s(v128.load_ext<u16>(value)));
        const before = v128.load(at);
        const after = f32x4.add(before, added);
        let sum = change(before, after, at + lows, stride);
        if (two) {
          const second = change(before, after, at + lows + VECTORS * stride, stride);
          sum = f32x4.add(sum, second);
        }
        acc = f32x4.add(acc, sum);
      }
    }
    const upper = v128.shuffle<u32>(acc, acc, 2, 3, 2, 3);
    even = f64x2.add(even, f64x2.promote_low_f32x4(acc));
    odd = f64x2.add(odd, f64x2.promote_low_f32x4(upper));
  }
  const total = f64x2.add(even, odd);
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** What the costs change by if `step` times column j were added to y (float32). */
export function priceColumn(block: u32, j: u32, step: f64, y: u32, costs: u32): f64 {
  const scale = f64(load<f32>(block + load<u32>(block + SCALES) + (j << 2)));
  const factor = f32x4.splat(f32(step * scale));
  const runStart = block + load<u32>(block + RUN_STARTS) + (j << 2);
  const runs = block + load<u32>(block + RUNS);
  const first = runs + (load<u32>(runStart) << 2);
  const last = runs + (load<u32>(runStart, 4) << 2);
  const valueStart = load<u32>(block + load<u32>(block + VALUE_STARTS) + (j << 2));
  const values = block + load<u32>(block + VALUES) + (valueStart << 3);
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  let lows = costs + HEADER_BYTES - y;
  let price: f64 = 0;
  let layer: u32 = 0;
  for (; layer + 1 < layers; layer += 2, lows += 2 * VECTORS * stride) {
    price += layerPrice(first, last, values, factor, y, lows, stride, true);
  }
  if (layer < layers) {
    price += layerPrice(first, last, values, factor, y, lows, stride, false);
  }
  return price;
}
