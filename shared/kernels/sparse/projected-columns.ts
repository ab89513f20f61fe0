/**
 * Columns of a matrix whose rows are the kept voxels of a grid and whose entries are looked up in
 * a table by projected coordinates. With p the position of a voxel and three linear forms a, b, c
 * of the column (a projective frame), the entry is
 *
 *   sum_k coefficient_k(voxel) * table_k(u, v),   u = g a(p)/c(p),   v = g b(p)/c(p),
 *
 * for voxels with a(p)^2 + b(p)^2 <= cutoffSquared c(p)^2 and c(p) > 0, the inside of a cone: on a
 * grid line along x this is one interval, found by a quadratic equation. Tables are bilinear, four
 * components interleaved. Plain TypeScript here, WebAssembly SIMD in backends/assembly, the same
 * bits.
 *
 * Layouts (byte offsets into one memory):
 *   forms         float64[12]: a, b, c, each as value at voxel (0,0,0), change along x, y, z
 *   lines         u32[2 * lineCount]: y | z << 16, then the line's first place in `prefix`
 *   prefix        u32: kept voxels before each voxel of the grid (x fastest), one more at the end
 *   xIndex        float32[rows + 4]: x index of each row
 *   coefficients  float32[4 * (rows + 4)]
 *   table         float32[n * n * 4], node (iu, iv) at iu * n + iv; the centre node has u = v = 0
 *   runs          u32[3 * count]: first row, number of rows, y | z << 16
 */
import type { Kernels } from './kernels.js';

const { fround } = Math;

type Columns = Pick<Kernels, 'findRuns' | 'columnValues' | 'quantise' | 'addRuns' | 'addTable'>;

/**
 * The interval of i in [0, last] with q2 i^2 + 2 q1 i + q0 <= 0 in front of the apex, which is
 * where c0 + c1 i > 0; or null. The quadratic is positive beside the apex, so that no interval
 * spans it.
 */
function interval(q2: number, q1: number, q0: number, c0: number, c1: number, last: number) {
  const discriminant = q1 * q1 - q2 * q0;
  let from = 0;
  let to = last;
  if (q2 === 0) {
    if (q1 === 0) return q0 > 0 ? null : { from, to };
    const root = -q0 / (2 * q1);
    if (q1 > 0) to = Math.min(to, root);
    else from = Math.max(from, root);
  } else {
    if (discriminant < 0 && q2 > 0) return null;
    // A line through the apex has a double root there; rounding may take its discriminant below 0.
    const root = Math.sqrt(Math.max(0, discriminant));
    const q = q1 > 0 ? -(q1 + root) : root - q1;
    const r1 = q / q2;
    const r2 = q === 0 ? r1 : q0 / q;
    const smaller = Math.min(r1, r2);
    const larger = Math.max(r1, r2);
    if (q2 > 0) {
      from = Math.max(from, smaller);
      to = Math.min(to, larger);
    } else if (c1 > 0) from = Math.max(from, larger);
    else to = Math.min(to, smaller);
  }
  from = Math.ceil(from);
  to = Math.floor(to);
  if (!(from <= to)) return null;
  return c0 + c1 * (0.5 * (from + to)) > 0 ? { from, to } : null;
}

/** The kernels on the memory behind `buffer`. */
export function referenceColumns(buffer: ArrayBufferLike): Columns {
  const u32 = new Uint32Array(buffer);
  const f32 = new Float32Array(buffer);
  const f64 = new Float64Array(buffer);

  const findRuns: Columns['findRuns'] = (forms, cutoff, lines, lineCount, prefix, nx, runs) => {
    const [a, ax, ay, az, b, bx, by, bz, c, cx, cy, cz] = f64.subarray(forms / 8, forms / 8 + 12);
    const q2 = ax * ax + bx * bx - cutoff * cx * cx;
    let run = runs / 4;
    for (let l = 0; l < lineCount; l++) {
      const packed = u32[lines / 4 + 2 * l];
      const y = packed & 0xffff;
      const z = packed >>> 16;
      const a0 = a + y * ay + z * az;
      const b0 = b + y * by + z * bz;
      const c0 = c + y * cy + z * cz;
      const q1 = a0 * ax + b0 * bx - cutoff * c0 * cx;
      const q0 = a0 * a0 + b0 * b0 - cutoff * c0 * c0;
      const span = interval(q2, q1, q0, c0, cx, nx - 1);
      if (span === null) continue;
      const line = prefix / 4 + u32[lines / 4 + 2 * l + 1];
      const first = u32[line + span.from];
      const count = u32[line + span.to + 1] - first;
      if (count === 0) continue;
      u32.set([first, count, packed], run);
      run += 3;
    }
    return (run - runs / 4) / 3;
  };

  const columnValues: Columns['columnValues'] = (
    forms,
    runs,
    runCount,
    xIndex,
    coefficients,
    table,
    n,
    nodesPerUnit,
    tableCentre,
    out,
  ) => {
    const gain = fround(nodesPerUnit);
    const centre = fround(tableCentre);
    const form = (at: number, x: number, y: number, z: number) =>
      fround(f64[at] + y * f64[at + 2] + z * f64[at + 3] + x * f64[at + 1]);
    const cell = (u: number) => Math.max(0, Math.min(Math.floor(u), n - 2));
    const lerp = (t0: number, t1: number, w: number) => fround(t0 + fround(w * fround(t1 - t0)));
    let largest = 0;
    let next = out / 4;
    for (let r = 0; r < runCount; r++) {
      const [row, count, packed] = u32.subarray(runs / 4 + 3 * r, runs / 4 + 3 * r + 3);
      const x = f32[xIndex / 4 + row];
      const y = packed & 0xffff;
      const z = packed >>> 16;
      const at = forms / 8;
      const [a0, b0, c0] = [form(at, x, y, z), form(at + 4, x, y, z), form(at + 8, x, y, z)];
      const [a1, b1, c1] = [fround(f64[at + 1]), fround(f64[at + 5]), fround(f64[at + 9])];
      for (let k = 0; k < count; k++) {
        const di = fround(f32[xIndex / 4 + row + k] - x);
        const scale = fround(gain / fround(c0 + fround(di * c1)));
        const u = fround(fround(fround(a0 + fround(di * a1)) * scale) + centre);
        const v = fround(fround(fround(b0 + fround(di * b1)) * scale) + centre);
        const iu = cell(u);
        const iv = cell(v);
        const wu = fround(u - iu);
        const wv = fround(v - iv);
        const term = (m: number) => {
          const node = table / 4 + 4 * (iu * n + iv) + m;
          const near = lerp(f32[node], f32[node + 4], wv);
          const far = lerp(f32[node + 4 * n], f32[node + 4 * n + 4], wv);
          return fround(lerp(near, far, wu) * f32[coefficients / 4 + 4 * (row + k) + m]);
        };
        const sum = fround(fround(term(0) + term(2)) + fround(term(1) + term(3)));
        // biome-ignore lint/complexity/useMathMinMax: NaN gives 0, as the SIMD maximum does.
        const value = sum > 0 ? sum : 0;
        largest = Math.max(largest, value);
        f32[next + k] = value;
      }
      const padded = 4 * Math.ceil(count / 4);
      f32.fill(0, next + count, next + padded);
      next += padded;
    }
    return largest;
  };

  const quantise: Columns['quantise'] = (values, quads, factor, out) => {
    const f = fround(factor);
    const u16 = new Uint16Array(buffer);
    let positive = 0;
    for (let i = 0; i < 4 * quads; i++) {
      const value = f32[values / 4 + i];
      if (value > 0) positive++;
      u16[out / 2 + i] = Math.min(roundHalfToEven(fround(value * f)), 0xffff);
    }
    return positive;
  };

  const addRuns: Columns['addRuns'] = (runs, runCount, values, y) => {
    let at = values / 4;
    for (let r = 0; r < runCount; r++) {
      const row = y / 4 + u32[runs / 4 + 3 * r];
      const count = 4 * Math.ceil(u32[runs / 4 + 3 * r + 1] / 4);
      for (let k = 0; k < count; k++) f32[row + k] += f32[at + k];
      at += count;
    }
  };

  const addTable: Columns['addTable'] = (table, n, radius, weight, out, outN, u, v) => {
    const w = fround(weight);
    const centre = (n - 1) / 2;
    for (let i = 0; i < n; i++) {
      const squared = radius * radius - (i - centre) * (i - centre);
      if (squared < 0) continue;
      const chord = Math.floor(Math.sqrt(squared));
      const from = table / 4 + 4 * (i * n + centre - chord);
      const at = out / 4 + 4 * ((u + i) * outN + v + centre - chord);
      for (let k = 0; k < 4 * (2 * chord + 1); k++) f32[at + k] += fround(w * f32[from + k]);
    }
  };

  return { findRuns, columnValues, quantise, addRuns, addTable };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
