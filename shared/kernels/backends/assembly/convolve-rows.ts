// Rows convolved with a profile; the twin of ../../grid/convolve-rows.ts.

/** out[r][i] = sum over k of taps[k] image[r][i + k], where the taps fit inside; all float64. */
export function convolveRows(
  image: u32,
  rows: u32,
  width: u32,
  taps: u32,
  count: u32,
  out: u32,
): void {
  const length = width - count + 1;
  for (let r: u32 = 0; r < rows; r++) {
    const row = image + ((r * width) << 3);
    const to = out + ((r * length) << 3);
    let i: u32 = 0;
    for (; i + 8 <= length; i += 8) {
      let s0 = f64x2.splat(0);
      let s1 = f64x2.splat(0);
      let s2 = f64x2.splat(0);
      let s3 = f64x2.splat(0);
      let at = row + (i << 3);
      for (let k: u32 = 0; k < count; k++) {
        const tap = v128.load_splat<f64>(taps + (k << 3));
        s0 = f64x2.add(s0, f64x2.mul(tap, v128.load(at)));
        s1 = f64x2.add(s1, f64x2.mul(tap, v128.load(at, 16)));
        s2 = f64x2.add(s2, f64x2.mul(tap, v128.load(at, 32)));
        s3 = f64x2.add(s3, f64x2.mul(tap, v128.load(at, 48)));
        at += 8;
      }
      const o = to + (i << 3);
      v128.store(o, s0);
      v128.store(o, s1, 16);
      v128.store(o, s2, 32);
      v128.store(o, s3, 48);
    }
    for (; i < length; i++) {
      let sum: f64 = 0;
      for (let k: u32 = 0; k < count; k++) {
        sum += load<f64>(taps + (k << 3)) * load<f64>(row + ((i + k) << 3));
      }
      store<f64>(to + (i << 3), sum);
    }
  }
}
