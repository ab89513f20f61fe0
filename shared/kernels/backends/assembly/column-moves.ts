// One changed variable: what it adds to the rows, and what that costs; the twin of
// ../../sparse/column-moves.ts. The layouts are explained in ../../sparse/quad-columns.ts and
// ../../sparse/row-costs.ts.

import { high, low, total } from './lane-sums';
import { COST_HEADER_BYTES, COST_VECTORS, outside } from './row-costs';

const SCALES: u32 = 12;
const STARTS: u32 = 16;
const PLACES: u32 = 20;
const VALUES: u32 = 24;
/** Offset of the lists in a line. */
const LINE_LISTS: u32 = 16;

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

/**
 * Adds to slope and curvature what one side of a layer gives, and appends its list of quads;
 * returns the list's end. `flip` is the sign bit on the side below, where distances grow downwards.
 */
function addSide(
  first: u32,
  last: u32,
  places: u32,
  values: u32,
  reach: v128,
  y: u32,
  limits: u32,
  weights: u32,
  flip: v128,
  sign: f64,
  line: u32,
  list: u32,
): u32 {
  let slopeEven = f64x2.splat(0);
  let slopeOdd = f64x2.splat(0);
  let bendEven = f64x2.splat(0);
  let bendOdd = f64x2.splat(0);
  let end = list + 4;
  for (let i = first; i < last; ) {
    const flush = min(i + FLUSH_QUADS, last);
    let slope = f32x4.splat(0);
    let bend = f32x4.splat(0);
    for (; i < flush; i++) {
      const place = load<u32>(places + (i << 2));
      const value = quad(values, i);
      const d = v128.xor(f32x4.sub(v128.load(y + place), v128.load(limits + place)), flip);
      const isInside = i32x4.shr_s(d, 31);
      const gain = v128.andnot(f32x4.mul(v128.load(weights + place), value), isInside);
      slope = f32x4.add(slope, f32x4.mul(gain, d));
      bend = f32x4.add(bend, f32x4.mul(gain, value));
      // Stored always and kept only where the end is near: a branch would be mispredicted often.
      store<u32>(end, i);
      end += u32(v128.any_true(f32x4.lt(f32x4.abs(d), f32x4.mul(reach, value)))) << 2;
    }
    slopeEven = f64x2.add(slopeEven, low(slope));
    slopeOdd = f64x2.add(slopeOdd, high(slope));
    bendEven = f64x2.add(bendEven, low(bend));
    bendOdd = f64x2.add(bendOdd, high(bend));
  }
  store<u32>(list, (end - list - 4) >> 2);
  store<f64>(line, load<f64>(line) + sign * total(slopeEven, slopeOdd));
  store<f64>(line, load<f64>(line, 8) + total(bendEven, bendOdd), 8);
  return end;
}

/** Looks along column j as far as `reach` to both sides; see ../../sparse/column-moves.ts. */
export function lineQuads(quads: u32, j: u32, reach: f64, y: u32, costs: u32, line: u32): void {
  const factor = factorOf(quads, j, reach);
  const start = quads + load<u32>(quads + STARTS) + (j << 2);
  const first = load<u32>(start);
  const last = load<u32>(start, 4);
  const places = quads + load<u32>(quads + PLACES);
  const values = quads + load<u32>(quads + VALUES);
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  const openBelow = load<u32>(costs, 8);
  const above = i32x4.splat(0);
  const below = i32x4.splat(0x80000000);
  store<f64>(line, 0);
  store<f64>(line, 0, 8);
  let list = line + LINE_LISTS;
  let lows = costs + COST_HEADER_BYTES;
  for (let layer: u32 = 0; layer < layers; layer++, lows += COST_VECTORS * stride) {
    const highs = lows + stride;
    const weights = highs + stride;
    list = addSide(first, last, places, values, factor, y, highs, weights, above, 1, line, list);
    if (layer < openBelow) continue;
    list = addSide(first, last, places, values, factor, y, lows, weights, below, -1, line, list);
  }
}

/** What rows of the list at `list` cost more than slope and curvature say. */
function passed(
  list: u32,
  places: u32,
  values: u32,
  factor: v128,
  y: u32,
  limits: u32,
  weights: u32,
  flip: v128,
): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  const end = list + 4 + (load<u32>(list) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const i = load<u32>(at);
    const place = load<u32>(places + (i << 2));
    const d = v128.xor(f32x4.sub(v128.load(y + place), v128.load(limits + place)), flip);
    const to = f32x4.add(d, f32x4.mul(factor, quad(values, i)));
    const cost = f32x4.mul(v128.load(weights + place), f32x4.mul(to, f32x4.abs(to)));
    const change = v128.and(cost, i32x4.shr_s(v128.xor(d, to), 31));
    even = f64x2.add(even, low(change));
    odd = f64x2.add(odd, high(change));
  }
  return total(even, odd);
}

/** The price of a step within the reach of the line. */
export function linePrice(quads: u32, j: u32, step: f64, y: u32, costs: u32, line: u32): f64 {
  const scale = f64(load<f32>(quads + load<u32>(quads + SCALES) + (j << 2)));
  const by = step * scale;
  const factor = f32x4.splat(f32(by));
  const opposite = f32x4.neg(factor);
  const places = quads + load<u32>(quads + PLACES);
  const values = quads + load<u32>(quads + VALUES);
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  const openBelow = load<u32>(costs, 8);
  const above = i32x4.splat(0);
  const below = i32x4.splat(0x80000000);
  let price = by * (2 * load<f64>(line) + by * load<f64>(line, 8));
  let list = line + LINE_LISTS;
  let lows = costs + COST_HEADER_BYTES;
  for (let layer: u32 = 0; layer < layers; layer++, lows += COST_VECTORS * stride) {
    const highs = lows + stride;
    const weights = highs + stride;
    price += passed(list, places, values, factor, y, highs, weights, above);
    list += 4 + (load<u32>(list) << 2);
    if (layer < openBelow) continue;
    price += passed(list, places, values, opposite, y, lows, weights, below);
    list += 4 + (load<u32>(list) << 2);
  }
  return price;
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
