// Products with a symmetric matrix of which the lower triangle is there; the layout is explained in
// ../../sparse/symmetric.ts.

import { laneSums } from './lane-sums';

/** 1 in units of an entry. */
const ONE: f32 = 32768;

/** See ../../sparse/kernels.ts. */
export function multiplySymmetric(matrix: u32, stride: u32, size: u32, x: u32, y: u32): void {
  const bytes = ((size + 7) & ~7) << 2;
  memory.fill(y, 0, bytes);
  for (let row: u32 = 0; row < size; row += 4) {
    const x0 = v128.load_splat<f32>(x + (row << 2));
    const x1 = v128.load_splat<f32>(x + (row << 2), 4);
    const x2 = v128.load_splat<f32>(x + (row << 2), 8);
    const x3 = v128.load_splat<f32>(x + (row << 2), 12);
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let entry = matrix + row * stride;
    const end = entry + (((row + 11) & ~7) << 1);
    let atX = x;
    let atY = y;
    for (; entry < end; entry += 16, atX += 32, atY += 32) {
      const e0 = v128.load(entry);
      const e1 = v128.load(entry + stride);
      const e2 = v128.load(entry + 2 * stride);
      const e3 = v128.load(entry + 3 * stride);
      const a0 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(e0));
      const a1 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(e1));
      const a2 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(e2));
      const a3 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(e3));
      const xa = v128.load(atX);
      sum0 = f32x4.add(sum0, f32x4.mul(a0, xa));
      sum1 = f32x4.add(sum1, f32x4.mul(a1, xa));
      sum2 = f32x4.add(sum2, f32x4.mul(a2, xa));
      sum3 = f32x4.add(sum3, f32x4.mul(a3, xa));
      addBelow(atY, f32x4.mul(a0, x0), f32x4.mul(a1, x1), f32x4.mul(a2, x2), f32x4.mul(a3, x3));
      const b0 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(e0));
      const b1 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(e1));
      const b2 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(e2));
      const b3 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(e3));
      const xb = v128.load(atX, 16);
      sum0 = f32x4.add(sum0, f32x4.mul(b0, xb));
      sum1 = f32x4.add(sum1, f32x4.mul(b1, xb));
      sum2 = f32x4.add(sum2, f32x4.mul(b2, xb));
      sum3 = f32x4.add(sum3, f32x4.mul(b3, xb));
      addBelow(
        atY + 16,
        f32x4.mul(b0, x0),
        f32x4.mul(b1, x1),
        f32x4.mul(b2, x2),
        f32x4.mul(b3, x3),
      );
    }
    const own = y + (row << 2);
    v128.store(own, f32x4.add(v128.load(own), laneSums(sum0, sum1, sum2, sum3)));
  }
  const unit = f32x4.splat(1 / ONE);
  for (let at = y; at < y + bytes; at += 16) v128.store(at, f32x4.mul(v128.load(at), unit));
}

function addBelow(at: u32, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(at, f32x4.add(v128.load(at), f32x4.add(f32x4.add(a, b), f32x4.add(c, d))));
}

/** See ../../sparse/kernels.ts. */
export function packSymmetric(
  matrix: u32,
  stride: u32,
  size: u32,
  roots: u32,
  out: u32,
  outStride: u32,
): void {
  for (let row: u32 = 0; row < size; row++, out += outStride) {
    const from = matrix + row * stride;
    const root = sqrt<f32>(load<f32>(from + (row << 2)));
    store<f32>(roots + (row << 2), root);
    const by = f32x4.splat(ONE / root);
    // Beside a zero on the diagonal 0 / 0 becomes 0; what else comes is multiplied by a root of 0.
    for (let k: u32 = 0; k < row; k += 8) {
      const a = correlations(from + (k << 2), roots + (k << 2), by);
      const b = correlations(from + (k << 2) + 16, roots + (k << 2) + 16, by);
      v128.store(out + (k << 1), i16x8.narrow_i32x4_s(a, b));
    }
    store<i16>(out + (row << 1), root > 0 ? i16(ONE / 2) : 0);
    clearBehind(out, row, outStride);
  }
  clearLast(size, out, outStride);
}

function correlations(entry: u32, roots: u32, by: v128): v128 {
  const scaled = f32x4.div(f32x4.mul(v128.load(entry), by), v128.load(roots));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(scaled));
}

/** See ../../sparse/kernels.ts. */
export function pickSymmetric(
  matrix: u32,
  stride: u32,
  variables: u32,
  count: u32,
  out: u32,
  outStride: u32,
): void {
  for (let row: u32 = 0; row < count; row++, out += outStride) {
    const from = matrix + load<u32>(variables + (row << 2)) * stride;
    for (let k: u32 = 0; k <= row; k++) {
      store<i16>(out + (k << 1), load<i16>(from + (load<u32>(variables + (k << 2)) << 1)));
    }
    clearBehind(out, row, outStride);
  }
  clearLast(count, out, outStride);
}

/** Zeros right of the diagonal, as far as products read them. */
function clearBehind(out: u32, row: u32, stride: u32): void {
  const end = (row + 1) << 1;
  memory.fill(out + end, 0, min(stride - end, 32));
}

/** The rows that make four of the last ones. */
function clearLast(rows: u32, out: u32, stride: u32): void {
  memory.fill(out, 0, ((4 - (rows & 3)) & 3) * stride);
}
