// Products with one run-length block; the twin of ../../sparse/run-length-products.ts, which
// explains the layout. Every address is a byte offset into the shared memory.

import { high, low, total } from './lane-sums';

/** Runs summed in float32 before they are added up in float64. */
const FLUSH_RUNS: u32 = 32;

// Word offsets in the header of a block: see ../../sparse/run-length.ts.
export const SCALES: u32 = 32;
export const RUN_STARTS: u32 = 36;
export const VALUE_STARTS: u32 = 40;
export const RUNS: u32 = 44;
export const VALUES: u32 = 48;

/** y += factor times the runs from `run` to `lastRun`, whose values begin at `value`. */
function addRange(run: u32, lastRun: u32, value: u32, factor: v128, y: u32): void {
  let row = y;
  while (run < lastRun) {
    const word = load<u32>(run);
    run += 4;
    row += (word & 0xffff) << 2;
    let out = row;
    const end = value + ((word >>> 16) << 3);
    while (value < end) {
      const d = f32x4.convert_i32x4_s(v128.load_ext<u16>(value));
      v128.store(out, f32x4.add(v128.load(out), f32x4.mul(d, factor)));
      value += 8;
      out += 16;
    }
  }
}

/** y += delta A[:, j]; y is float32. */
export function addColumn(block: u32, j: u32, delta: f64, y: u32): void {
  const factor = f32(delta * f64(load<f32>(block + load<u32>(block + SCALES) + (j << 2))));
  if (factor === 0) return;
  const starts = block + load<u32>(block + RUN_STARTS) + (j << 2);
  const runs = block + load<u32>(block + RUNS);
  const valueStart = load<u32>(block + load<u32>(block + VALUE_STARTS) + (j << 2));
  addRange(
    runs + (load<u32>(starts) << 2),
    runs + (load<u32>(starts, 4) << 2),
    block + load<u32>(block + VALUES) + (valueStart << 3),
    f32x4.splat(factor),
    y,
  );
}

/** y += A[:, from..to) x[from..to); x is float64 and y float32. */
export function multiply(block: u32, from: u32, to: u32, x: u32, y: u32): void {
  const scales = block + load<u32>(block + SCALES);
  const runStarts = block + load<u32>(block + RUN_STARTS);
  const valueStarts = block + load<u32>(block + VALUE_STARTS);
  const runs = block + load<u32>(block + RUNS);
  const values = block + load<u32>(block + VALUES);
  for (let j = from; j < to; j++) {
    const factor = f32(load<f64>(x + (j << 3)) * f64(load<f32>(scales + (j << 2))));
    if (factor === 0) continue;
    addRange(
      runs + (load<u32>(runStarts + (j << 2)) << 2),
      runs + (load<u32>(runStarts + (j << 2), 4) << 2),
      values + (load<u32>(valueStarts + (j << 2)) << 3),
      f32x4.splat(factor),
      y,
    );
  }
}

/** y_k += A x_k for four right-hand sides; y_k lie `stride` bytes apart, x_k `xStride` bytes. */
export function multiply4(
  block: u32,
  from: u32,
  to: u32,
  x: u32,
  xStride: u32,
  y: u32,
  stride: u32,
): void {
  const scales = block + load<u32>(block + SCALES);
  const runStarts = block + load<u32>(block + RUN_STARTS);
  const valueStarts = block + load<u32>(block + VALUE_STARTS);
  const runs = block + load<u32>(block + RUNS);
  const values = block + load<u32>(block + VALUES);
  for (let j = from; j < to; j++) {
    const scale = f64(load<f32>(scales + (j << 2)));
    const xj = x + (j << 3);
    const s0 = f32x4.splat(f32(load<f64>(xj) * scale));
    const s1 = f32x4.splat(f32(load<f64>(xj + xStride) * scale));
    const s2 = f32x4.splat(f32(load<f64>(xj + 2 * xStride) * scale));
    const s3 = f32x4.splat(f32(load<f64>(xj + 3 * xStride) * scale));
    let run = runs + (load<u32>(runStarts + (j << 2)) << 2);
    const lastRun = runs + (load<u32>(runStarts + (j << 2), 4) << 2);
    let value = values + (load<u32>(valueStarts + (j << 2)) << 3);
    let row = y;
    while (run < lastRun) {
      const word = load<u32>(run);
      run += 4;
      row += (word & 0xffff) << 2;
      let out0 = row;
      let out1 = row + stride;
      let out2 = out1 + stride;
      let out3 = out2 + stride;
      const end = value + ((word >>> 16) << 3);
      while (value < end) {
        const d = f32x4.convert_i32x4_s(v128.load_ext<u16>(value));
        v128.store(out0, f32x4.add(v128.load(out0), f32x4.mul(d, s0)));
        v128.store(out1, f32x4.add(v128.load(out1), f32x4.mul(d, s1)));
        v128.store(out2, f32x4.add(v128.load(out2), f32x4.mul(d, s2)));
        v128.store(out3, f32x4.add(v128.load(out3), f32x4.mul(d, s3)));
        value += 8;
        out0 += 16;
        out1 += 16;
        out2 += 16;
        out3 += 16;
      }
    }
  }
}

/** out[j] = A[:, j] . v for from <= j < to; v is float32 and out float64. */
export function multiplyTransposed(block: u32, from: u32, to: u32, v: u32, out: u32): void {
  const scales = block + load<u32>(block + SCALES);
  const runStarts = block + load<u32>(block + RUN_STARTS);
  const valueStarts = block + load<u32>(block + VALUE_STARTS);
  const runs = block + load<u32>(block + RUNS);
  const values = block + load<u32>(block + VALUES);
  for (let j = from; j < to; j++) {
    let run = runs + (load<u32>(runStarts + (j << 2)) << 2);
    const lastRun = runs + (load<u32>(runStarts + (j << 2), 4) << 2);
    let value = values + (load<u32>(valueStarts + (j << 2)) << 3);
    let row = v;
    let even = f64x2.splat(0);
    let odd = f64x2.splat(0);
    while (run < lastRun) {
      const flush = min(run + (FLUSH_RUNS << 2), lastRun);
      let acc = f32x4.splat(0);
      while (run < flush) {
        const word = load<u32>(run);
        run += 4;
        row += (word & 0xffff) << 2;
        let at = row;
        const end = value + ((word >>> 16) << 3);
        while (value < end) {
          const d = f32x4.convert_i32x4_s(v128.load_ext<u16>(value));
          acc = f32x4.add(acc, f32x4.mul(d, v128.load(at)));
          value += 8;
          at += 16;
        }
      }
      even = f64x2.add(even, low(acc));
      odd = f64x2.add(odd, high(acc));
    }
    store<f64>(out + (j << 3), total(even, odd) * f64(load<f32>(scales + (j << 2))));
  }
}

/** out_k[j] = A[:, j] . v_k for four vectors; v_k lie `stride` bytes apart, out_k `outStride`. */
export function multiplyTransposed4(
  block: u32,
  from: u32,
  to: u32,
  v: u32,
  stride: u32,
  out: u32,
  outStride: u32,
): void {
  const scales = block + load<u32>(block + SCALES);
  const runStarts = block + load<u32>(block + RUN_STARTS);
  const valueStarts = block + load<u32>(block + VALUE_STARTS);
  const runs = block + load<u32>(block + RUNS);
  const values = block + load<u32>(block + VALUES);
  for (let j = from; j < to; j++) {
    let run = runs + (load<u32>(runStarts + (j << 2)) << 2);
    const lastRun = runs + (load<u32>(runStarts + (j << 2), 4) << 2);
    let value = values + (load<u32>(valueStarts + (j << 2)) << 3);
    let row = v;
    let e0 = f64x2.splat(0);
    let o0 = f64x2.splat(0);
    let e1 = f64x2.splat(0);
    let o1 = f64x2.splat(0);
    let e2 = f64x2.splat(0);
    let o2 = f64x2.splat(0);
    let e3 = f64x2.splat(0);
    let o3 = f64x2.splat(0);
    while (run < lastRun) {
      const flush = min(run + (FLUSH_RUNS << 2), lastRun);
      let a0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      let a2 = f32x4.splat(0);
      let a3 = f32x4.splat(0);
      while (run < flush) {
        const word = load<u32>(run);
        run += 4;
        row += (word & 0xffff) << 2;
        let at0 = row;
        let at1 = row + stride;
        let at2 = at1 + stride;
        let at3 = at2 + stride;
        const end = value + ((word >>> 16) << 3);
        while (value < end) {
          const d = f32x4.convert_i32x4_s(v128.load_ext<u16>(value));
          a0 = f32x4.add(a0, f32x4.mul(d, v128.load(at0)));
          a1 = f32x4.add(a1, f32x4.mul(d, v128.load(at1)));
          a2 = f32x4.add(a2, f32x4.mul(d, v128.load(at2)));
          a3 = f32x4.add(a3, f32x4.mul(d, v128.load(at3)));
          value += 8;
          at0 += 16;
          at1 += 16;
          at2 += 16;
          at3 += 16;
        }
      }
      e0 = f64x2.add(e0, low(a0));
      o0 = f64x2.add(o0, high(a0));
      e1 = f64x2.add(e1, low(a1));
      o1 = f64x2.add(o1, high(a1));
      e2 = f64x2.add(e2, low(a2));
      o2 = f64x2.add(o2, high(a2));
      e3 = f64x2.add(e3, low(a3));
      o3 = f64x2.add(o3, high(a3));
    }
    const scale = f64(load<f32>(scales + (j << 2)));
    const at = out + (j << 3);
    store<f64>(at, total(e0, o0) * scale);
    store<f64>(at + outStride, total(e1, o1) * scale);
    store<f64>(at + 2 * outStride, total(e2, o2) * scale);
    store<f64>(at + 3 * outStride, total(e3, o3) * scale);
  }
}

/** out[r] = sum of parts[lane][r] over 16 lanes, in one fixed order in float64. */
export function sumLanes(parts: u32, stride: u32, from: u32, to: u32, out: u32): void {
  for (let r = from; r < to; r += 4) {
    const first = parts + (r << 2);
    let lowSum = f64x2.splat(0);
    let highSum = f64x2.splat(0);
    for (let quarter: u32 = 0; quarter < 4; quarter++) {
      const at = first + quarter * 4 * stride;
      const a = v128.load(at);
      const b = v128.load(at + stride);
      const c = v128.load(at + 2 * stride);
      const d = v128.load(at + 3 * stride);
      const lows = f64x2.add(f64x2.add(low(a), low(b)), f64x2.add(low(c), low(d)));
      const highs = f64x2.add(f64x2.add(high(a), high(b)), f64x2.add(high(c), high(d)));
      lowSum = f64x2.add(lowSum, lows);
      highSum = f64x2.add(highSum, highs);
    }
    const l = f32x4.demote_f64x2_zero(lowSum);
    const h = f32x4.demote_f64x2_zero(highSum);
    v128.store(out + (r << 2), v128.shuffle<u32>(l, h, 0, 1, 4, 5));
  }
}
