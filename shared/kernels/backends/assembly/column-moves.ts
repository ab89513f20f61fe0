// One changed variable: what it adds to the rows, and what that costs; the twin of
// ../../sparse/column-moves.ts. The layouts are explained in ../../sparse/quad-columns.ts and
// ../../sparse/row-costs.ts.

import { high, low, total } from './lane-sums';
import { COST_HEADER_BYTES, COST_VECTORS, outside } from './row-costs';

const SCALES: u32 = 12;
const STARTS: u32 = 16;
const PLACES: u32 = 20;
const VALUES: u32 = 24;

/** Quads summed in float32 before they are added up in float64. */
const FLUSH_QUADS: u32 = 32;

/** Added by one unit of `factor` to the four rows of a quad. */
function quad(values: u32, i: u32): v128 {
  return f32x4.convert_i32x4_s(v128.load_ext<u16>(values + (i << 3)));
}

function factorOf(quads: u32, j: u32, step: f64): v128 {
  const scale = f64(load<f32>(quads + load<u32>(quads + SCALES) + (j << 2)));
  return f32x4.splat(f32(step * scale));
}

/** y += delta A[:, j]; y is float32. */
export function addQuads(quads: u32, j: u32, delta: f64, y: u32): void {
  const factor = factorOf(quads, j, delta);
  const start = quads + load<u32>(quads + STARTS) + (j << 2);
  const places = quads + load<u32>(quads + PLACES);
  const values = quads + load<u32>(quads + VALUES);
  const last = load<u32>(start, 4);
  for (let i = load<u32>(start); i < last; i++) {
    const at = y + load<u32>(places + (i << 2));
    v128.store(at, f32x4.add(v128.load(at), f32x4.mul(quad(values, i), factor)));
  }
}

/** How far above `high`. */
function above(y: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.sub(y, high), f32x4.splat(0));
}

/** weight (b^2 - a^2) */
function rise(a: v128, b: v128, weight: v128): v128 {
  return f32x4.mul(weight, f32x4.mul(f32x4.sub(b, a), f32x4.add(b, a)));
}

/** The prices of two steps in a layer of which no row has a lower end, to out[0] and out[1]. */
function addPricesAbove(
  first: u32,
  last: u32,
  places: u32,
  values: u32,
  one: v128,
  other: v128,
  y: u32,
  highs: u32,
  weights: u32,
  out: u32,
): void {
  let even1 = f64x2.splat(0);
  let odd1 = f64x2.splat(0);
  let even2 = f64x2.splat(0);
  let odd2 = f64x2.splat(0);
  for (let i = first; i < last; ) {
    const flush = min(i + FLUSH_QUADS, last);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    for (; i < flush; i++) {
      const place = load<u32>(places + (i << 2));
      const added = quad(values, i);
      const before = v128.load(y + place);
      const high = v128.load(highs + place);
      const weight = v128.load(weights + place);
      const a = above(before, high);
      const b1 = above(f32x4.add(before, f32x4.mul(one, added)), high);
      const b2 = above(f32x4.add(before, f32x4.mul(other, added)), high);
      sum1 = f32x4.add(sum1, rise(a, b1, weight));
      sum2 = f32x4.add(sum2, rise(a, b2, weight));
    }
    even1 = f64x2.add(even1, low(sum1));
    odd1 = f64x2.add(odd1, high(sum1));
    even2 = f64x2.add(even2, low(sum2));
    odd2 = f64x2.add(odd2, high(sum2));
  }
  store<f64>(out, load<f64>(out) + total(even1, odd1));
  store<f64>(out, load<f64>(out, 8) + total(even2, odd2), 8);
}

/** The price of one step in a layer of which no row has a lower end. */
function priceAbove(
  first: u32,
  last: u32,
  places: u32,
  values: u32,
  factor: v128,
  y: u32,
  highs: u32,
  weights: u32,
): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (let i = first; i < last; ) {
    const flush = min(i + FLUSH_QUADS, last);
    let sum = f32x4.splat(0);
    for (; i < flush; i++) {
      const place = load<u32>(places + (i << 2));
      const before = v128.load(y + place);
      const high = v128.load(highs + place);
      const a = above(before, high);
      const b = above(f32x4.add(before, f32x4.mul(factor, quad(values, i))), high);
      sum = f32x4.add(sum, rise(a, b, v128.load(weights + place)));
    }
    even = f64x2.add(even, low(sum));
    odd = f64x2.add(odd, high(sum));
  }
  return total(even, odd);
}

/** The price of one step in any layer. */
function priceOutside(
  first: u32,
  last: u32,
  places: u32,
  values: u32,
  factor: v128,
  y: u32,
  lows: u32,
  stride: u32,
): f64 {
  const highs = lows + stride;
  const weights = highs + stride;
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (let i = first; i < last; ) {
    const flush = min(i + FLUSH_QUADS, last);
    let sum = f32x4.splat(0);
    for (; i < flush; i++) {
      const place = load<u32>(places + (i << 2));
      const before = v128.load(y + place);
      const low = v128.load(lows + place);
      const high = v128.load(highs + place);
      const a = outside(before, low, high);
      const after = f32x4.add(before, f32x4.mul(factor, quad(values, i)));
      const b = outside(after, low, high);
      sum = f32x4.add(sum, rise(a, b, v128.load(weights + place)));
    }
    even = f64x2.add(even, low(sum));
    odd = f64x2.add(odd, high(sum));
  }
  return total(even, odd);
}

/** What the costs change by if `step` times column j were added to y (float32). */
export function priceQuads(quads: u32, j: u32, step: f64, y: u32, costs: u32): f64 {
  const factor = factorOf(quads, j, step);
  const start = quads + load<u32>(quads + STARTS) + (j << 2);
  const first = load<u32>(start);
  const last = load<u32>(start, 4);
  const places = quads + load<u32>(quads + PLACES);
  const values = quads + load<u32>(quads + VALUES);
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  const openBelow = load<u32>(costs, 8);
  let lows = costs + COST_HEADER_BYTES;
  let price: f64 = 0;
  for (let layer: u32 = 0; layer < layers; layer++, lows += COST_VECTORS * stride) {
    const highs = lows + stride;
    price +=
      layer < openBelow
        ? priceAbove(first, last, places, values, factor, y, highs, highs + stride)
        : priceOutside(first, last, places, values, factor, y, lows, stride);
  }
  return price;
}

/** out[0], out[1] = the prices of two steps, in one pass where layers have no lower ends. */
export function priceQuadsTwice(
  quads: u32,
  j: u32,
  one: f64,
  other: f64,
  y: u32,
  costs: u32,
  out: u32,
): void {
  const factor1 = factorOf(quads, j, one);
  const factor2 = factorOf(quads, j, other);
  const start = quads + load<u32>(quads + STARTS) + (j << 2);
  const first = load<u32>(start);
  const last = load<u32>(start, 4);
  const places = quads + load<u32>(quads + PLACES);
  const values = quads + load<u32>(quads + VALUES);
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  const openBelow = load<u32>(costs, 8);
  let lows = costs + COST_HEADER_BYTES;
  store<f64>(out, 0);
  store<f64>(out, 0, 8);
  for (let layer: u32 = 0; layer < layers; layer++, lows += COST_VECTORS * stride) {
    const highs = lows + stride;
    const weights = highs + stride;
    if (layer < openBelow) {
      addPricesAbove(first, last, places, values, factor1, factor2, y, highs, weights, out);
    } else {
      const price1 = priceOutside(first, last, places, values, factor1, y, lows, stride);
      const price2 = priceOutside(first, last, places, values, factor2, y, lows, stride);
      store<f64>(out, load<f64>(out) + price1);
      store<f64>(out, load<f64>(out, 8) + price2, 8);
    }
  }
}

/** y += factor x, float64[count], both aligned to 16 bytes with room for an even count. */
export function addScaled(count: u32, factor: f64, x: u32, y: u32): void {
  const factors = f64x2.splat(factor);
  for (let i: u32 = 0; i < count << 3; i += 16) {
    const sum = f64x2.add(v128.load(y + i), f64x2.mul(factors, v128.load(x + i)));
    v128.store(y + i, sum);
  }
}

/** What y (float32) costs, `rows` of it. */
export function rowCost(rows: u32, y: u32, costs: u32): f64 {
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let lows = costs + COST_HEADER_BYTES;
  for (let layer: u32 = 0; layer < layers; layer++, lows += COST_VECTORS * stride) {
    for (let row: u32 = 0; row < rows; row += 4) {
      const at = lows + (row << 2);
      const distance = outside(v128.load(y + (row << 2)), v128.load(at), v128.load(at + stride));
      const weight = v128.load(at + 2 * stride);
      const cost = f32x4.mul(weight, f32x4.mul(distance, distance));
      even = f64x2.add(even, low(cost));
      odd = f64x2.add(odd, high(cost));
    }
  }
  return total(even, odd);
}
