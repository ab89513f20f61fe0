// Line integrals through a voxel grid; the twin of ../../grid/path-integral.ts, which explains the
// method. One call follows many segments from one source; nothing is kept of their voxels.

const PARALLEL: f64 = 1.0 / 1099511627776.0;

/**
 * out[i] = integral of the densities from source to end point i, float32.
 * grid: float64[9], size, spacing, origin; source: float64[3]; ends: float64[3 * count].
 */
export function pathIntegrals(
  grid: u32,
  densities: u32,
  source: u32,
  ends: u32,
  count: u32,
  out: u32,
): void {
  for (let i: u32 = 0; i < count; i++) {
    store<f32>(out + (i << 2), f32(pathIntegral(grid, densities, source, ends + i * 24)));
  }
}

function pathIntegral(grid: u32, densities: u32, source: u32, end: u32): f64 {
  let enter: f64 = 0;
  let exit: f64 = 1;
  let squaredLength: f64 = 0;

  // Per axis: where plane 0 is crossed, how far planes are apart, which voxel comes first.
  let firstX: f64 = 0;
  let firstY: f64 = 0;
  let firstZ: f64 = 0;
  let stepX: f64 = 0;
  let stepY: f64 = 0;
  let stepZ: f64 = 0;
  let startX: f64 = 0;
  let startY: f64 = 0;
  let startZ: f64 = 0;
  for (let axis: u32 = 0; axis < 3; axis++) {
    const at = axis << 3;
    const size = load<f64>(grid + at);
    const spacing = load<f64>(grid + at, 24);
    const lowerFace = load<f64>(grid + at, 48) - 0.5 * spacing;
    const from = load<f64>(source + at);
    const to = load<f64>(end + at);
    const delta = to - from;
    squaredLength += delta * delta;
    let first: f64 = Infinity;
    let step: f64 = 0;
    let start: f64 = 0;
    if (abs(delta) <= PARALLEL * spacing) {
      start = floor((0.5 * (from + to) - lowerFace) / spacing);
      if (!(start >= 0 && start < size)) return 0;
    } else {
      first = (lowerFace - from) / delta;
      step = spacing / delta;
      const last = first + size * step;
      enter = max(enter, min(first, last));
      exit = min(exit, max(first, last));
    }
    if (axis === 0) {
      firstX = first;
      stepX = step;
      startX = start;
    } else if (axis === 1) {
      firstY = first;
      stepY = step;
      startY = start;
    } else {
      firstZ = first;
      stepZ = step;
      startZ = start;
    }
  }
  if (!(enter < exit && squaredLength > 0)) return 0;
  const sizeX = load<f64>(grid);
  const sizeY = load<f64>(grid, 8);
  const sizeZ = load<f64>(grid, 16);
  if (stepX !== 0) startX = max(0, min(sizeX - 1, floor((enter - firstX) / stepX)));
  if (stepY !== 0) startY = max(0, min(sizeY - 1, floor((enter - firstY) / stepY)));
  if (stepZ !== 0) startZ = max(0, min(sizeZ - 1, floor((enter - firstZ) / stepZ)));

  // From voxel to voxel: leave through the nearest of the next planes.
  const forwardX: f64 = stepX > 0 ? 1 : -1;
  const forwardY: f64 = stepY > 0 ? 1 : -1;
  const forwardZ: f64 = stepZ > 0 ? 1 : -1;
  const strideX = i32(forwardX) << 2;
  const strideY = (i32(forwardY) * i32(sizeX)) << 2;
  const strideZ = (i32(forwardZ) * i32(sizeX) * i32(sizeY)) << 2;
  let voxel = i32(densities) + (i32(startX + sizeX * (startY + sizeY * startZ)) << 2);
  let planeX = stepX > 0 ? startX + 1 : startX;
  let planeY = stepY > 0 ? startY + 1 : startY;
  let planeZ = stepZ > 0 ? startZ + 1 : startZ;
  let nextX = firstX + planeX * stepX;
  let nextY = firstY + planeY * stepY;
  let nextZ = firstZ + planeZ * stepZ;
  const length = sqrt(squaredLength);
  let integral: f64 = 0;
  let position = enter;
  while (true) {
    const next = min(nextX, min(nextY, nextZ));
    const leave = min(next, exit);
    if (leave > position) {
      integral += f64(load<f32>(voxel)) * ((leave - position) * length);
      position = leave;
    }
    if (!(next < exit)) return integral;
    if (next === nextX) {
      planeX += forwardX;
      voxel += strideX;
      nextX = firstX + planeX * stepX;
    } else if (next === nextY) {
      planeY += forwardY;
      voxel += strideY;
      nextY = firstY + planeY * stepY;
    } else {
      planeZ += forwardZ;
      voxel += strideZ;
      nextZ = firstZ + planeZ * stepZ;
    }
  }
}
