// Products with a symmetric matrix of which the lower triangle is there; the layout is explained in
// ../../sparse/symmetric.ts.

/** See ../../sparse/kernels.ts. */
export function multiplySymmetric(matrix: u32, stride: u32, size: u32, x: u32, y: u32): void {
  memory.fill(y, 0, ((size + 4) & ~3) << 2);
  for (let row: u32 = 0; row < size; row += 2) {
    const bytes = ((row + 5) & ~3) << 2;
    const x0 = v128.load_splat<f32>(x + (row << 2));
    const x1 = v128.load_splat<f32>(x + (row << 2), 4);
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    const entry = matrix + row * stride;
    const other = entry + stride;
    for (let at: u32 = 0; at < bytes; at += 16) {
      const e0 = v128.load(entry + at);
      const e1 = v128.load(other + at);
      const xs = v128.load(x + at);
      sum0 = f32x4.add(sum0, f32x4.mul(e0, xs));
      sum1 = f32x4.add(sum1, f32x4.mul(e1, xs));
      const below = f32x4.add(f32x4.mul(e0, x0), f32x4.mul(e1, x1));
      v128.store(y + at, f32x4.add(v128.load(y + at), below));
    }
    addLanes(y + (row << 2), sum0);
    addLanes(y + (row << 2) + 4, sum1);
  }
}

function addLanes(at: u32, sum: v128): void {
  const halves = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
  const whole = f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1);
  store<f32>(at, load<f32>(at) + whole);
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
      store<f32>(out + (k << 2), load<f32>(from + (load<u32>(variables + (k << 2)) << 2)));
    }
    const end = (row + 1) << 2;
    memory.fill(out + end, 0, min(outStride - end, 16));
  }
  memory.fill(out, 0, outStride);
}
