// Products with tiles; the twin of ../../sparse/tile-products.ts. The layout is explained in
// ../../sparse/tiles.ts. Every address is a byte offset into the shared memory.

import { laneSums } from './lane-sums';

/** Rows summed in float32 before they are added up in float64. */
const FLUSH_ROWS: u32 = 64;
const ENTRY_BYTES: u32 = 16;
const COLUMNS_BYTES: u32 = 64;

/** Four of a tile's values as float32. */
function four(value: u32): v128 {
  return f32x4.convert_i32x4_s(v128.load_ext<u16>(value));
}

/** Four weights in the units of the values. */
function weights(z: u32, columns: u32, scales: u32): v128 {
  return f32x4(
    f32(load<f64>(z + (load<u32>(columns) << 3)) * f64(load<f32>(scales))),
    f32(load<f64>(z + (load<u32>(columns, 4) << 3)) * f64(load<f32>(scales, 4))),
    f32(load<f64>(z + (load<u32>(columns, 8) << 3)) * f64(load<f32>(scales, 8))),
    f32(load<f64>(z + (load<u32>(columns, 12) << 3)) * f64(load<f32>(scales, 12))),
  );
}

/** A row's sum over its 16 columns, in four lanes. */
function rowSum(value: u32, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  let sum = f32x4.mul(four(value), w0);
  sum = f32x4.add(sum, f32x4.mul(four(value + 8), w1));
  sum = f32x4.add(sum, f32x4.mul(four(value + 16), w2));
  return f32x4.add(sum, f32x4.mul(four(value + 24), w3));
}

function add(y: u32, row: u32, sum: f32): void {
  const at = y + (load<u32>(row) << 2);
  store<f32>(at, load<f32>(at) + sum);
}

/** y += A z; z float64[columns + 1], y float32[rows]. */
export function multiplyTiles(tiles: u32, z: u32, y: u32): void {
  const count = load<u32>(tiles);
  const allColumns = tiles + ENTRY_BYTES * (1 + count);
  const allScales = allColumns + COLUMNS_BYTES * count;
  for (let t: u32 = 0; t < count; t++) {
    const entry = tiles + ENTRY_BYTES * (1 + t);
    const columns = allColumns + COLUMNS_BYTES * t;
    const scales = allScales + COLUMNS_BYTES * t;
    const w0 = weights(z, columns, scales);
    const w1 = weights(z, columns + 16, scales + 16);
    const w2 = weights(z, columns + 32, scales + 32);
    const w3 = weights(z, columns + 48, scales + 48);
    let row = tiles + load<u32>(entry);
    let value = tiles + load<u32>(entry, 4);
    const end = row + (load<u32>(entry, 8) << 2);
    for (; row + 16 <= end; row += 16, value += 128) {
      const a = rowSum(value, w0, w1, w2, w3);
      const b = rowSum(value + 32, w0, w1, w2, w3);
      const c = rowSum(value + 64, w0, w1, w2, w3);
      const d = rowSum(value + 96, w0, w1, w2, w3);
      const sums = laneSums(a, b, c, d);
      add(y, row, f32x4.extract_lane(sums, 0));
      add(y, row + 4, f32x4.extract_lane(sums, 1));
      add(y, row + 8, f32x4.extract_lane(sums, 2));
      add(y, row + 12, f32x4.extract_lane(sums, 3));
    }
    for (; row < end; row += 4, value += 32) {
      const a = rowSum(value, w0, w1, w2, w3);
      const halves = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
      add(y, row, f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1));
    }
  }
}

/** Adds lanes 0 and 1, or 2 and 3 where `high`, of a float32 vector to a float64 one. */
function low(sum: v128, part: v128): v128 {
  return f64x2.add(sum, f64x2.promote_low_f32x4(part));
}

function high(sum: v128, part: v128): v128 {
  return f64x2.add(sum, f64x2.promote_low_f32x4(v128.shuffle<f32>(part, part, 2, 3, 2, 3)));
}

/** Writes four sums in the units of the vector. */
function scatter(out: u32, columns: u32, scales: u32, first: v128, second: v128): void {
  store<f64>(
    out + (load<u32>(columns) << 3),
    f64x2.extract_lane(first, 0) * f64(load<f32>(scales)),
  );
  store<f64>(
    out + (load<u32>(columns, 4) << 3),
    f64x2.extract_lane(first, 1) * f64(load<f32>(scales, 4)),
  );
  store<f64>(
    out + (load<u32>(columns, 8) << 3),
    f64x2.extract_lane(second, 0) * f64(load<f32>(scales, 8)),
  );
  store<f64>(
    out + (load<u32>(columns, 12) << 3),
    f64x2.extract_lane(second, 1) * f64(load<f32>(scales, 12)),
  );
}

/** out = A^T v, of the tiles' columns; v float32[rows], out float64[columns + 1]. */
export function multiplyTilesTransposed(tiles: u32, v: u32, out: u32): void {
  const count = load<u32>(tiles);
  const allColumns = tiles + ENTRY_BYTES * (1 + count);
  const allScales = allColumns + COLUMNS_BYTES * count;
  const zero = f64x2.splat(0);
  for (let t: u32 = 0; t < count; t++) {
    const entry = tiles + ENTRY_BYTES * (1 + t);
    let row = tiles + load<u32>(entry);
    let value = tiles + load<u32>(entry, 4);
    const end = row + (load<u32>(entry, 8) << 2);
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let s4 = zero;
    let s5 = zero;
    let s6 = zero;
    let s7 = zero;
    while (row < end) {
      const flush = min(end, row + (FLUSH_ROWS << 2));
      let p0 = f32x4.splat(0);
      let p1 = p0;
      let p2 = p0;
      let p3 = p0;
      for (; row < flush; row += 4, value += 32) {
        const d = v128.load_splat<f32>(v + (load<u32>(row) << 2));
        // Many elements of a gradient are 0, in runs of rows.
        if (!v128.any_true(d)) continue;
        p0 = f32x4.add(p0, f32x4.mul(four(value), d));
        p1 = f32x4.add(p1, f32x4.mul(four(value + 8), d));
        p2 = f32x4.add(p2, f32x4.mul(four(value + 16), d));
        p3 = f32x4.add(p3, f32x4.mul(four(value + 24), d));
      }
      s0 = low(s0, p0);
      s1 = high(s1, p0);
      s2 = low(s2, p1);
      s3 = high(s3, p1);
      s4 = low(s4, p2);
      s5 = high(s5, p2);
      s6 = low(s6, p3);
      s7 = high(s7, p3);
    }
    const columns = allColumns + COLUMNS_BYTES * t;
    const scales = allScales + COLUMNS_BYTES * t;
    scatter(out, columns, scales, s0, s1);
    scatter(out, columns + 16, scales + 16, s2, s3);
    scatter(out, columns + 32, scales + 32, s4, s5);
    scatter(out, columns + 48, scales + 48, s6, s7);
  }
}

/** out = (A o A)^T v: the same with every value squared. Needed once a problem, so kept simple. */
export function multiplySquaredTilesTransposed(tiles: u32, v: u32, out: u32): void {
  const count = load<u32>(tiles);
  const allColumns = tiles + ENTRY_BYTES * (1 + count);
  const allScales = allColumns + COLUMNS_BYTES * count;
  for (let t: u32 = 0; t < count; t++) {
    const entry = tiles + ENTRY_BYTES * (1 + t);
    const rows = tiles + load<u32>(entry);
    const values = tiles + load<u32>(entry, 4);
    const length = load<u32>(entry, 8);
    for (let k: u32 = 0; k < 16; k++) {
      let sum: f64 = 0;
      for (let r: u32 = 0; r < length; ) {
        const flush = min(length, r + FLUSH_ROWS);
        let part: f32 = 0;
        for (; r < flush; r++) {
          const value = f32(load<u16>(values + (r << 5) + (k << 1)));
          part += value * value * load<f32>(v + (load<u32>(rows + (r << 2)) << 2));
        }
        sum += f64(part);
      }
      const column = (t << 6) + (k << 2);
      const scale = f64(load<f32>(allScales + column));
      store<f64>(out + (load<u32>(allColumns + column) << 3), sum * (scale * scale));
    }
  }
}
