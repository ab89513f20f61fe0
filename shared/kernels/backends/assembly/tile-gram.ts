// The Gram matrix of a matrix in tiles; the layout of tiles is explained in ../../sparse/tiles.ts.
// For each block of 256 rows, tiles are unpacked once, and each two of them are multiplied over the
// rows that both have. Values become integers of 11 bits and a sign, as two rows of those are
// multiplied and added in one instruction; sums over 256 rows are exact. Smooth tiles change little
// from row to row, so their products with all tiles are those of means of four rows. The result is
// positive semidefinite: the Gram matrix of means, and of what is left of the other tiles beside
// theirs. The scratch is laid out in ../../sparse/tile-gram.ts.

import { BLOCK_ROWS, ENTRY_BYTES, firstFour, lastFour, PART_BYTES } from './tiles';

/** Of the 16 values of a row as float32, and as integers. */
const WIDE_BYTES: u32 = 64;
const ROW_BYTES: u32 = 32;
const LARGEST: f32 = 2047;
/**
 * A list of rows: u32 rows, u32 its tile's first column in the matrix, f32 what 1 is worth, 0;
 * numbers of the rows, their values, and a row of zeros.
 */
const HEADER_BYTES: u32 = 16;
const ROWS_BYTES: u32 = HEADER_BYTES + BLOCK_ROWS + (BLOCK_ROWS + 1) * ROW_BYTES;
/** An unpacked tile: all rows of one that is not smooth, and means of rows by fours. */
const FOURS: u32 = ROWS_BYTES;
const TILE_BYTES: u32 = 2 * ROWS_BYTES;
/** The common rows of two tiles: offsets, and values two rows at a time. */
const LIST_BYTES: u32 = 8 * BLOCK_ROWS + 16;
const PAIRS_BYTES: u32 = ROW_BYTES * BLOCK_ROWS;
const WIDE_TILE_BYTES: u32 = WIDE_BYTES * BLOCK_ROWS;

/** A tile's rows as float32, times their scale, without those of scale 0; the end of their list. */
function widen(tiles: u32, t: u32, scale: u32, wide: u32, numbers: u32): u32 {
  const entry = tiles + ENTRY_BYTES * (1 + t);
  const rows = tiles + load<u32>(entry);
  let value = tiles + load<u32>(entry, 4);
  const count = load<u32>(entry, 8);
  for (let r: u32 = 0; r < count; r++, value += 32) {
    const row = load<u8>(rows + r);
    const factor = load<f32>(scale + (u32(row) << 2));
    if (factor === 0) continue;
    const by = f32x4.splat(factor);
    const a = v128.load(value);
    const b = v128.load(value, 16);
    v128.store(wide, f32x4.mul(firstFour(a), by));
    v128.store(wide, f32x4.mul(lastFour(a), by), 16);
    v128.store(wide, f32x4.mul(firstFour(b), by), 32);
    v128.store(wide, f32x4.mul(lastFour(b), by), 48);
    store<u8>(numbers, row);
    numbers++;
    wide += WIDE_BYTES;
  }
  return numbers;
}

/** Sums of rows whose numbers differ in the last two bits only, halved, in place; their end. */
function byFours(wide: u32, numbers: u32, end: u32): u32 {
  const half = f32x4.splat(0.5);
  let to = numbers;
  let sum = wide;
  for (let from = numbers; from < end; ) {
    const four = load<u8>(from) >> 2;
    let value = wide + (from - numbers) * WIDE_BYTES;
    let s0 = v128.load(value);
    let s1 = v128.load(value, 16);
    let s2 = v128.load(value, 32);
    let s3 = v128.load(value, 48);
    for (from++; from < end && load<u8>(from) >> 2 === four; from++) {
      value += WIDE_BYTES;
      s0 = f32x4.add(s0, v128.load(value));
      s1 = f32x4.add(s1, v128.load(value, 16));
      s2 = f32x4.add(s2, v128.load(value, 32));
      s3 = f32x4.add(s3, v128.load(value, 48));
    }
    v128.store(sum, f32x4.mul(s0, half));
    v128.store(sum, f32x4.mul(s1, half), 16);
    v128.store(sum, f32x4.mul(s2, half), 32);
    v128.store(sum, f32x4.mul(s3, half), 48);
    sum += WIDE_BYTES;
    store<u8>(to, four);
    to++;
  }
  return to;
}

/** Rows of float32 as integers, in units of which the largest value has `LARGEST`. */
function round(from: u32, count: u32, place: u32, out: u32): void {
  const end = from + count * WIDE_BYTES;
  let most = f32x4.splat(0);
  for (let at = from; at < end; at += 16) most = f32x4.max(most, v128.load(at));
  most = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  const largest = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  const unit: f32 = largest > 0 ? largest / LARGEST : 1;
  store<u32>(out, count);
  store<u32>(out, place, 4);
  store<f32>(out, unit, 8);
  const by = f32x4.splat(1 / unit);
  let to = out + HEADER_BYTES + BLOCK_ROWS;
  for (let at = from; at < end; at += WIDE_BYTES, to += ROW_BYTES) {
    v128.store(to, i16x8.narrow_i32x4_s(whole(at, by), whole(at + 16, by)));
    v128.store(to, i16x8.narrow_i32x4_s(whole(at + 32, by), whole(at + 48, by)), 16);
  }
  memory.fill(to, 0, ROW_BYTES);
}

function whole(from: u32, by: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from), by)));
}

/** A tile as two lists of rows; of a smooth one the first is empty. */
function unpack(
  tiles: u32,
  t: u32,
  place: u32,
  isSmooth: bool,
  scale: u32,
  wide: u32,
  out: u32,
): void {
  const numbers = out + HEADER_BYTES;
  const end = widen(tiles, t, scale, wide, numbers);
  const fours = numbers + FOURS;
  memory.copy(fours, numbers, end - numbers);
  round(wide, isSmooth ? 0 : end - numbers, place, out);
  const count = byFours(wide, fours, end + FOURS) - fours;
  round(wide, count, place, out + FOURS);
}

/** Places of the values of rows that both tiles have, two offsets a row; where the list ends. */
function commonRows(a: u32, b: u32, list: u32): u32 {
  let rowA = a + HEADER_BYTES;
  let rowB = b + HEADER_BYTES;
  const endA = rowA + load<u32>(a);
  const endB = rowB + load<u32>(b);
  let valueA = a + HEADER_BYTES + BLOCK_ROWS;
  let valueB = b + HEADER_BYTES + BLOCK_ROWS;
  while (rowA < endA && rowB < endB) {
    const difference = i32(load<u8>(rowA)) - i32(load<u8>(rowB));
    // Written in any case: a branch on the rows of two tiles is a coin that falls either way.
    store<u32>(list, valueA);
    store<u32>(list, valueB, 4);
    list += u32(difference === 0) << 3;
    const nextA = u32(difference <= 0);
    const nextB = u32(difference >= 0);
    rowA += nextA;
    rowB += nextB;
    valueA += nextA * ROW_BYTES;
    valueB += nextB * ROW_BYTES;
  }
  return list;
}

/** Where the zeros behind a tile's values are. */
function zeros(tile: u32): u32 {
  return tile + HEADER_BYTES + BLOCK_ROWS + load<u32>(tile) * ROW_BYTES;
}

/** The values of the listed rows, two rows side by side in each of 16 columns. */
function inPairs(list: u32, end: u32, out: u32): void {
  for (; list < end; list += 16, out += WIDE_BYTES) {
    const one = load<u32>(list);
    const other = load<u32>(list, 8);
    const a = v128.load(one);
    const b = v128.load(other);
    const c = v128.load(one, 16);
    const d = v128.load(other, 16);
    v128.store(out, v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    v128.store(out, v128.shuffle<u16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11), 32);
    v128.store(out, v128.shuffle<u16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15), 48);
  }
}

function addFour(at: u32, sums: v128, unit: v128): void {
  const four = f32x4.mul(f32x4.convert_i32x4_s(sums), unit);
  v128.store(at, f32x4.add(v128.load(at), four));
}

/** gram += the products of columns q and q + 1 of one tile with the 16 of another. */
function twoColumns(a: u32, end: u32, b: u32, unit: v128, gram: u32, stride: u32): void {
  let p0 = i32x4.splat(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let r0 = p0;
  let r1 = p0;
  let r2 = p0;
  let r3 = p0;
  for (; a < end; a += WIDE_BYTES, b += WIDE_BYTES) {
    const x = v128.load_splat<i32>(a);
    const y = v128.load_splat<i32>(a, 4);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    p0 = i32x4.add(p0, i32x4.dot_i16x8_s(x, b0));
    p1 = i32x4.add(p1, i32x4.dot_i16x8_s(x, b1));
    p2 = i32x4.add(p2, i32x4.dot_i16x8_s(x, b2));
    p3 = i32x4.add(p3, i32x4.dot_i16x8_s(x, b3));
    r0 = i32x4.add(r0, i32x4.dot_i16x8_s(y, b0));
    r1 = i32x4.add(r1, i32x4.dot_i16x8_s(y, b1));
    r2 = i32x4.add(r2, i32x4.dot_i16x8_s(y, b2));
    r3 = i32x4.add(r3, i32x4.dot_i16x8_s(y, b3));
  }
  addFour(gram, p0, unit);
  addFour(gram + 16, p1, unit);
  addFour(gram + 32, p2, unit);
  addFour(gram + 48, p3, unit);
  addFour(gram + stride, r0, unit);
  addFour(gram + stride + 16, r1, unit);
  addFour(gram + stride + 32, r2, unit);
  addFour(gram + stride + 48, r3, unit);
}

/** gram += the products of two tiles. */
function addProducts(a: u32, b: u32, scratch: u32, gram: u32, stride: u32): void {
  let end = commonRows(a, b, scratch);
  if (end === scratch) return;
  if ((end - scratch) & 8) {
    store<u32>(end, zeros(a));
    store<u32>(end, zeros(b), 4);
    end += 8;
  }
  const valuesA = scratch + LIST_BYTES;
  const valuesB = valuesA + PAIRS_BYTES;
  inPairs(scratch, end, valuesA);
  inPairs(scratch + 4, end + 4, valuesB);
  const endA = valuesA + ((end - scratch) << 2);
  const unit = f32x4.splat(load<f32>(a, 8) * load<f32>(b, 8));
  const corner = gram + load<u32>(a, 4) * stride + (load<u32>(b, 4) << 2);
  for (let q: u32 = 0; q < 16; q += 2) {
    twoColumns(valuesA + (q << 2), endA, valuesB, unit, corner + q * stride, stride);
  }
}

/** Of the unpacked tiles of a block. */
function addBlock(unpacked: u32, end: u32, scratch: u32, gram: u32, stride: u32): void {
  for (let a = unpacked; a < end; a += TILE_BYTES) {
    for (let b = unpacked; b <= a; b += TILE_BYTES) {
      const by: u32 = isSmooth(a) || isSmooth(b) ? FOURS : 0;
      addProducts(a + by, b + by, scratch, gram, stride);
    }
  }
}

/** Or it has no rows of scale above 0. */
function isSmooth(tile: u32): bool {
  return load<u32>(tile) === 0;
}

/** See ../../sparse/kernels.ts. */
export function gramOfTiles(
  parts: u32,
  count: u32,
  rows: u32,
  scale: u32,
  scratch: u32,
  gram: u32,
  stride: u32,
): void {
  const end = parts + PART_BYTES * count;
  for (let part = parts; part < end; part += PART_BYTES) store<u32>(part, 0, 8);
  const wide = scratch + LIST_BYTES;
  const unpacked = wide + WIDE_TILE_BYTES;
  for (let first: u32 = 0; first < rows; first += BLOCK_ROWS) {
    let next = unpacked;
    for (let part = parts; part < end; part += PART_BYTES) {
      const tiles = load<u32>(part);
      const last = load<u32>(tiles);
      let t = load<u32>(part, 8);
      for (; t < last; t++) {
        if (load<u32>(tiles + ENTRY_BYTES * (1 + t), 12) !== first) break;
        const place = load<u32>(load<u32>(part, 4) + (t << 2));
        const smooth = place >= load<u32>(part, 12);
        unpack(tiles, t, place, smooth, scale + (first << 2), wide, next);
        next += TILE_BYTES;
      }
      store<u32>(part, t, 8);
    }
    addBlock(unpacked, next, scratch, gram, stride);
  }
}
