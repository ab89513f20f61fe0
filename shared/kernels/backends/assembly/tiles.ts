// Products with tiles; the twin of ../../sparse/tile-products.ts. The layout is explained in
// ../../sparse/tiles.ts. Every address is a byte offset into the shared memory.

import { high, laneSums, low, total } from './lane-sums';
import { COST_HEADER_BYTES, COST_VECTORS, outside } from './row-costs';

/** Rows summed in float32 before they are added up in float64. */
const FLUSH_ROWS: u32 = 64;
export const ENTRY_BYTES: u32 = 16;
export const BLOCK_ROWS: u32 = 256;
export const PART_BYTES: u32 = 16;
const COLUMNS_BYTES: u32 = 64;

/** The first four of eight values as float32: their bits are its upper half. */
export function firstFour(eight: v128): v128 {
  return v128.shuffle<u16>(v128.splat<u16>(0), eight, 0, 8, 1, 9, 2, 10, 3, 11);
}

export function lastFour(eight: v128): v128 {
  return v128.shuffle<u16>(v128.splat<u16>(0), eight, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Four weights. */
function weights(z: u32, columns: u32): v128 {
  return f32x4(
    f32(load<f64>(z + (load<u32>(columns) << 3))),
    f32(load<f64>(z + (load<u32>(columns, 4) << 3))),
    f32(load<f64>(z + (load<u32>(columns, 8) << 3))),
    f32(load<f64>(z + (load<u32>(columns, 12) << 3))),
  );
}

/** A row's sum over its 16 columns, in four lanes. */
function rowSum(value: u32, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const a = v128.load(value);
  const b = v128.load(value, 16);
  let sum = f32x4.mul(firstFour(a), w0);
  sum = f32x4.add(sum, f32x4.mul(lastFour(a), w1));
  sum = f32x4.add(sum, f32x4.mul(firstFour(b), w2));
  return f32x4.add(sum, f32x4.mul(lastFour(b), w3));
}

function add(y: u32, row: u32, sum: f32): void {
  const at = y + (u32(load<u8>(row)) << 2);
  store<f32>(at, load<f32>(at) + sum);
}

/** y += A z of one tile; y is its block's. */
function multiplyTile(tiles: u32, t: u32, z: u32, y: u32): void {
  const count = load<u32>(tiles);
  const entry = tiles + ENTRY_BYTES * (1 + t);
  const columns = tiles + ENTRY_BYTES * (1 + count) + COLUMNS_BYTES * t;
  const w0 = weights(z, columns);
  const w1 = weights(z, columns + 16);
  const w2 = weights(z, columns + 32);
  const w3 = weights(z, columns + 48);
  let row = tiles + load<u32>(entry);
  let value = tiles + load<u32>(entry, 4);
  const end = row + load<u32>(entry, 8);
  for (; row + 4 <= end; row += 4, value += 128) {
    const a = rowSum(value, w0, w1, w2, w3);
    const b = rowSum(value + 32, w0, w1, w2, w3);
    const c = rowSum(value + 64, w0, w1, w2, w3);
    const d = rowSum(value + 96, w0, w1, w2, w3);
    const sums = laneSums(a, b, c, d);
    add(y, row, f32x4.extract_lane(sums, 0));
    add(y, row + 1, f32x4.extract_lane(sums, 1));
    add(y, row + 2, f32x4.extract_lane(sums, 2));
    add(y, row + 3, f32x4.extract_lane(sums, 3));
  }
  for (; row < end; row++, value += 32) {
    const a = rowSum(value, w0, w1, w2, w3);
    const halves = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
    add(y, row, f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1));
  }
}

function firstRow(tiles: u32, t: u32): u32 {
  return load<u32>(tiles + ENTRY_BYTES * (1 + t), 12);
}

/** y += A z; z float64[columns + 1], y float32[rows]. */
export function multiplyTiles(tiles: u32, z: u32, y: u32): void {
  const count = load<u32>(tiles);
  for (let t: u32 = 0; t < count; t++) multiplyTile(tiles, t, z, y + (firstRow(tiles, t) << 2));
}

function addTo(out: u32, column: u32, sum: f64): void {
  const at = out + (load<u32>(column) << 3);
  store<f64>(at, load<f64>(at) + sum);
}

/** Adds four sums. */
function scatter(out: u32, columns: u32, first: v128, second: v128): void {
  addTo(out, columns, f64x2.extract_lane(first, 0));
  addTo(out, columns + 4, f64x2.extract_lane(first, 1));
  addTo(out, columns + 8, f64x2.extract_lane(second, 0));
  addTo(out, columns + 12, f64x2.extract_lane(second, 1));
}

/** out += A^T v of one tile; v is its block's. */
function multiplyTileTransposed(tiles: u32, t: u32, v: u32, out: u32): void {
  const count = load<u32>(tiles);
  const zero = f64x2.splat(0);
  const entry = tiles + ENTRY_BYTES * (1 + t);
  let row = tiles + load<u32>(entry);
  let value = tiles + load<u32>(entry, 4);
  const end = row + load<u32>(entry, 8);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let s4 = zero;
  let s5 = zero;
  let s6 = zero;
  let s7 = zero;
  while (row < end) {
    const flush = min(end, row + FLUSH_ROWS);
    let p0 = f32x4.splat(0);
    let p1 = p0;
    let p2 = p0;
    let p3 = p0;
    for (; row < flush; row++, value += 32) {
      const d = v128.load_splat<f32>(v + (u32(load<u8>(row)) << 2));
      const a = v128.load(value);
      const b = v128.load(value, 16);
      p0 = f32x4.add(p0, f32x4.mul(firstFour(a), d));
      p1 = f32x4.add(p1, f32x4.mul(lastFour(a), d));
      p2 = f32x4.add(p2, f32x4.mul(firstFour(b), d));
      p3 = f32x4.add(p3, f32x4.mul(lastFour(b), d));
    }
    s0 = f64x2.add(s0, low(p0));
    s1 = f64x2.add(s1, high(p0));
    s2 = f64x2.add(s2, low(p1));
    s3 = f64x2.add(s3, high(p1));
    s4 = f64x2.add(s4, low(p2));
    s5 = f64x2.add(s5, high(p2));
    s6 = f64x2.add(s6, low(p3));
    s7 = f64x2.add(s7, high(p3));
  }
  const columns = tiles + ENTRY_BYTES * (1 + count) + COLUMNS_BYTES * t;
  scatter(out, columns, s0, s1);
  scatter(out, columns + 16, s2, s3);
  scatter(out, columns + 32, s4, s5);
  scatter(out, columns + 48, s6, s7);
}

function clear(tiles: u32, out: u32): void {
  memory.fill(out, 0, (load<u32>(tiles, 4) + 1) << 3);
}

/** out = A^T v, of the tiles' columns; v float32[rows], out float64[columns + 1]. */
export function multiplyTilesTransposed(tiles: u32, v: u32, out: u32): void {
  const count = load<u32>(tiles);
  clear(tiles, out);
  for (let t: u32 = 0; t < count; t++) {
    multiplyTileTransposed(tiles, t, v + (firstRow(tiles, t) << 2), out);
  }
}

/** What the rows from..to of a block y cost; y becomes the cost's derivative. */
function slopeOfRows(from: u32, to: u32, y: u32, costs: u32): f64 {
  const layers = load<u32>(costs);
  const stride = load<u32>(costs, 4);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (let row = from; row < to; row += 4) {
    const at = y + ((row - from) << 2);
    const value = v128.load(at);
    let slope = f32x4.splat(0);
    let lows = costs + COST_HEADER_BYTES + (row << 2);
    for (let layer: u32 = 0; layer < layers; layer++, lows += COST_VECTORS * stride) {
      const distance = outside(value, v128.load(lows), v128.load(lows + stride));
      const weighted = f32x4.mul(v128.load(lows + 2 * stride), distance);
      const cost = f32x4.mul(weighted, distance);
      even = f64x2.add(even, low(cost));
      odd = f64x2.add(odd, high(cost));
      slope = f32x4.add(slope, weighted);
    }
    v128.store(at, f32x4.add(slope, slope));
  }
  return total(even, odd);
}

/** Cost and gradient in one pass; see ../../sparse/kernels.ts. y float32[256]. */
export function costOfTiles(parts: u32, count: u32, rows: u32, y: u32, costs: u32): f64 {
  const end = parts + PART_BYTES * count;
  for (let part = parts; part < end; part += PART_BYTES) {
    clear(load<u32>(part), load<u32>(part, 8));
    store<u32>(part, 0, 12);
  }
  let cost: f64 = 0;
  for (let first: u32 = 0; first < rows; first += BLOCK_ROWS) {
    memory.fill(y, 0, BLOCK_ROWS << 2);
    for (let part = parts; part < end; part += PART_BYTES) {
      const tiles = load<u32>(part);
      const last = load<u32>(tiles);
      for (let t = load<u32>(part, 12); t < last && firstRow(tiles, t) === first; t++) {
        multiplyTile(tiles, t, load<u32>(part, 4), y);
      }
    }
    cost += slopeOfRows(first, min(first + BLOCK_ROWS, rows), y, costs);
    for (let part = parts; part < end; part += PART_BYTES) {
      const tiles = load<u32>(part);
      const last = load<u32>(tiles);
      let t = load<u32>(part, 12);
      for (; t < last && firstRow(tiles, t) === first; t++) {
        multiplyTileTransposed(tiles, t, y, load<u32>(part, 8));
      }
      store<u32>(part, t, 12);
    }
  }
  return cost;
}

/** out = (A o A)^T v: the same with every value squared. Needed once a problem, so kept simple. */
export function multiplySquaredTilesTransposed(tiles: u32, v: u32, out: u32): void {
  const count = load<u32>(tiles);
  const allColumns = tiles + ENTRY_BYTES * (1 + count);
  clear(tiles, out);
  for (let t: u32 = 0; t < count; t++) {
    const entry = tiles + ENTRY_BYTES * (1 + t);
    const rows = tiles + load<u32>(entry);
    const values = tiles + load<u32>(entry, 4);
    const length = load<u32>(entry, 8);
    const block = v + (firstRow(tiles, t) << 2);
    for (let k: u32 = 0; k < 16; k++) {
      let sum: f64 = 0;
      for (let r: u32 = 0; r < length; ) {
        const flush = min(length, r + FLUSH_ROWS);
        let part: f32 = 0;
        for (; r < flush; r++) {
          const bits = u32(load<u16>(values + (r << 5) + (k << 1))) << 16;
          const value = reinterpret<f32>(bits);
          part += value * value * load<f32>(block + (u32(load<u8>(rows + r)) << 2));
        }
        sum += f64(part);
      }
      addTo(out, allColumns + (t << 6) + (k << 2), sum);
    }
  }
}
