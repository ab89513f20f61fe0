// Columns of a matrix given by a table in projected coordinates; the twin of
// ../../sparse/projected-columns.ts, which explains the formulas and the layouts.

import { laneSums } from './lane-sums';

const LINE_BYTES: u32 = 8;
const RUN_BYTES: u32 = 12;

/** Finds the rows of one column, a run a grid line; returns the number of runs. */
export function findRuns(
  forms: u32,
  cutoffSquared: f64,
  lines: u32,
  lineCount: u32,
  prefix: u32,
  nx: u32,
  runs: u32,
): u32 {
  const a1 = load<f64>(forms, 8);
  const b1 = load<f64>(forms, 40);
  const c1 = load<f64>(forms, 72);
  const q2 = a1 * a1 + b1 * b1 - cutoffSquared * c1 * c1;
  const last = f64(nx) - 1;
  let run = runs;
  for (let l: u32 = 0; l < lineCount; l++) {
    const packed = load<u32>(lines + l * LINE_BYTES);
    const y = f64(packed & 0xffff);
    const z = f64(packed >>> 16);
    const a0 = load<f64>(forms) + y * load<f64>(forms, 16) + z * load<f64>(forms, 24);
    const b0 = load<f64>(forms, 32) + y * load<f64>(forms, 48) + z * load<f64>(forms, 56);
    const c0 = load<f64>(forms, 64) + y * load<f64>(forms, 80) + z * load<f64>(forms, 88);
    const q1 = a0 * a1 + b0 * b1 - cutoffSquared * c0 * c1;
    const q0 = a0 * a0 + b0 * b0 - cutoffSquared * c0 * c0;
    const discriminant = q1 * q1 - q2 * q0;
    let from: f64 = 0;
    let to: f64 = last;
    if (q2 === 0) {
      if (q1 === 0) {
        if (q0 > 0) continue;
      } else {
        const root = -q0 / (2 * q1);
        if (q1 > 0) to = min(to, root);
        else from = max(from, root);
      }
    } else {
      if (discriminant < 0 && q2 > 0) continue;
      const root = Math.sqrt(max(0, discriminant));
      const q = q1 > 0 ? -(q1 + root) : root - q1;
      const r1 = q / q2;
      const r2 = q === 0 ? r1 : q0 / q;
      const smaller = min(r1, r2);
      const larger = max(r1, r2);
      if (q2 > 0) {
        from = max(from, smaller);
        to = min(to, larger);
      } else if (c1 > 0) from = max(from, larger);
      else to = min(to, smaller);
    }
    const i0 = Math.ceil(from);
    const i1 = Math.floor(to);
    if (!(i0 <= i1)) continue;
    if (!(c0 + c1 * (0.5 * (i0 + i1)) > 0)) continue;
    const line = prefix + (load<u32>(lines + l * LINE_BYTES, 4) << 2);
    const first = load<u32>(line + (u32(i0) << 2));
    const end = load<u32>(line + (u32(i1) << 2), 4);
    if (end === first) continue;
    store<u32>(run, first);
    store<u32>(run, end - first, 4);
    store<u32>(run, packed, 8);
    run += RUN_BYTES;
  }
  return (run - runs) / RUN_BYTES;
}

/** Values of the rows found, float32, each run padded with zeros to quads; returns the largest. */
export function columnValues(
  forms: u32,
  runs: u32,
  runCount: u32,
  xIndex: u32,
  coefficients: u32,
  table: u32,
  n: u32,
  nodesPerUnit: f32,
  tableCentre: f32,
  out: u32,
): f32 {
  const a1 = f32x4.splat(f32(load<f64>(forms, 8)));
  const b1 = f32x4.splat(f32(load<f64>(forms, 40)));
  const c1 = f32x4.splat(f32(load<f64>(forms, 72)));
  const gain = f32x4.splat(nodesPerUnit);
  const centre = f32x4.splat(tableCentre);
  const lastCell = i32x4.splat(n - 2);
  const width = i32x4.splat(n);
  const lanes = i32x4(0, 1, 2, 3);
  const rowBytes = n << 4;
  let largest = f32x4.splat(0);
  for (let r: u32 = 0; r < runCount; r++) {
    const run = runs + r * RUN_BYTES;
    let row = load<u32>(run);
    let left = i32(load<u32>(run, 4));
    const packed = load<u32>(run, 8);
    const y = f64(packed & 0xffff);
    const z = f64(packed >>> 16);
    const first = load<f32>(xIndex + (row << 2));
    const x = f64(first);
    const i0 = f32x4.splat(first);
    const a0 = f32x4.splat(f32(affine(forms, x, y, z)));
    const b0 = f32x4.splat(f32(affine(forms + 32, x, y, z)));
    const c0 = f32x4.splat(f32(affine(forms + 64, x, y, z)));
    while (left > 0) {
      const di = f32x4.sub(v128.load(xIndex + (row << 2)), i0);
      const scale = f32x4.div(gain, f32x4.add(c0, f32x4.mul(di, c1)));
      const u = f32x4.add(f32x4.mul(f32x4.add(a0, f32x4.mul(di, a1)), scale), centre);
      const v = f32x4.add(f32x4.mul(f32x4.add(b0, f32x4.mul(di, b1)), scale), centre);
      const iu = cell(u, lastCell);
      const iv = cell(v, lastCell);
      const wu = f32x4.sub(u, f32x4.convert_i32x4_s(iu));
      const wv = f32x4.sub(v, f32x4.convert_i32x4_s(iv));
      const at = i32x4.shl(i32x4.add(i32x4.mul(iu, width), iv), 4);
      const k = coefficients + (row << 4);
      const m0 = term(
        table + i32x4.extract_lane(at, 0),
        rowBytes,
        v128.shuffle<u32>(wu, wu, 0, 0, 0, 0),
        v128.shuffle<u32>(wv, wv, 0, 0, 0, 0),
        v128.load(k),
      );
      const m1 = term(
        table + i32x4.extract_lane(at, 1),
        rowBytes,
        v128.shuffle<u32>(wu, wu, 1, 1, 1, 1),
        v128.shuffle<u32>(wv, wv, 1, 1, 1, 1),
        v128.load(k, 16),
      );
      const m2 = term(
        table + i32x4.extract_lane(at, 2),
        rowBytes,
        v128.shuffle<u32>(wu, wu, 2, 2, 2, 2),
        v128.shuffle<u32>(wv, wv, 2, 2, 2, 2),
        v128.load(k, 32),
      );
      const m3 = term(
        table + i32x4.extract_lane(at, 3),
        rowBytes,
        v128.shuffle<u32>(wu, wu, 3, 3, 3, 3),
        v128.shuffle<u32>(wv, wv, 3, 3, 3, 3),
        v128.load(k, 48),
      );
      let sum = laneSums(m0, m1, m2, m3);
      sum = f32x4.pmax(f32x4.splat(0), sum);
      sum = v128.and(sum, i32x4.lt_s(lanes, i32x4.splat(left)));
      largest = f32x4.pmax(largest, sum);
      v128.store(out, sum);
      out += 16;
      row += 4;
      left -= 4;
    }
  }
  return max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
}

function affine(form: u32, x: f64, y: f64, z: f64): f64 {
  return (
    load<f64>(form) + y * load<f64>(form, 16) + z * load<f64>(form, 24) + x * load<f64>(form, 8)
  );
}

function cell(u: v128, lastCell: v128): v128 {
  const i = i32x4.trunc_sat_f32x4_s(f32x4.floor(u));
  return i32x4.max_s(i32x4.splat(0), i32x4.min_s(i, lastCell));
}

function term(at: u32, rowBytes: u32, wu: v128, wv: v128, coefficients: v128): v128 {
  const t00 = v128.load(at);
  const t10 = v128.load(at + rowBytes);
  const near = f32x4.add(t00, f32x4.mul(wv, f32x4.sub(v128.load(at, 16), t00)));
  const far = f32x4.add(t10, f32x4.mul(wv, f32x4.sub(v128.load(at + rowBytes, 16), t10)));
  return f32x4.mul(f32x4.add(near, f32x4.mul(wu, f32x4.sub(far, near))), coefficients);
}

/** Rounds values to 16 bits: out = nearest(values * factor); returns how many are positive. */
export function quantise(values: u32, quads: u32, factor: f32, out: u32): u32 {
  const f = f32x4.splat(factor);
  const zero = f32x4.splat(0);
  let positive: u32 = 0;
  for (let q: u32 = 0; q < quads; q++) {
    const v = v128.load(values + (q << 4));
    positive += popcnt(v128.bitmask<i32>(f32x4.gt(v, zero)));
    const i = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v, f)));
    v128.store64_lane(out + (q << 3), i16x8.narrow_i32x4_u(i, i), 0);
  }
  return positive;
}

/** y[rows of the runs] += values. */
export function addRuns(runs: u32, runCount: u32, values: u32, y: u32): void {
  for (let r: u32 = 0; r < runCount; r++) {
    const run = runs + r * RUN_BYTES;
    let at = y + (load<u32>(run) << 2);
    let left = i32(load<u32>(run, 4));
    while (left > 0) {
      v128.store(at, f32x4.add(v128.load(at), v128.load(values)));
      values += 16;
      at += 16;
      left -= 4;
    }
  }
}

/**
 * Adds a disc of a table, times weight, to a larger one from its node (u, v) on; n is odd, the
 * radius in nodes at most (n - 1) / 2.
 */
export function addTable(
  table: u32,
  n: u32,
  radius: f64,
  weight: f32,
  out: u32,
  outN: u32,
  u: u32,
  v: u32,
): void {
  const w = f32x4.splat(weight);
  const centre = f64(n - 1) / 2;
  for (let i: u32 = 0; i < n; i++) {
    const off = f64(i) - centre;
    const squared = radius * radius - off * off;
    if (squared < 0) continue;
    const chord = Math.floor(Math.sqrt(squared));
    const first = u32(centre - chord);
    let from = table + ((i * n + first) << 4);
    let at = out + (((u + i) * outN + v + first) << 4);
    const end = from + ((2 * u32(chord) + 1) << 4);
    while (from < end) {
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(w, v128.load(from))));
      from += 16;
      at += 16;
    }
  }
}
