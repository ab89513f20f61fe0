/**
 * Exact line integrals through a voxel grid: the lengths that a straight segment has in each voxel
 * (Siddon 1985, Fast calculation of the exact radiological path), walked voxel by voxel as in
 * Amanatides and Woo 1987. The crossing of plane i of an axis is at (first + i * step) along the
 * segment, computed from i each time, so that no error grows with the length.
 *
 * A voxel owns its lower faces. A segment that lies in a plane between voxels, or drifts less than
 * 2^-40 voxels on an axis, runs in the voxels that hold its midpoint on that axis.
 */
import type { Grid, Vec3 } from './grid.js';

/** The voxels that a segment meets, in order. Owned by the caller and reused from ray to ray. */
export interface Path {
  /** Linear indices of the voxels. */
  readonly voxels: Int32Array;
  /** Distance from the segment's start to where it enters the voxel. */
  readonly entriesMm: Float64Array;
  /** Length within the voxel, above 0. */
  readonly lengthsMm: Float64Array;
}

/** A path with room for every segment through the grid. */
export function createPath(grid: Grid): Path {
  const capacity = grid.size[0] + grid.size[1] + grid.size[2];
  return {
    voxels: new Int32Array(capacity),
    entriesMm: new Float64Array(capacity),
    lengthsMm: new Float64Array(capacity),
  };
}

const PARALLEL = 1 / 1099511627776;

/** Scratch of one call: per axis, crossing of plane 0, of the next plane after it, first voxel. */
const first = new Float64Array(3);
const step = new Float64Array(3);
const start = new Int32Array(3);

/**
 * Writes the voxels on the segment from `source` to `end` (mm) into `path` and returns how many.
 * Their lengths add up to the part of the segment that lies in the grid.
 */
export function tracePath(grid: Grid, source: Vec3, end: Vec3, path: Path): number {
  let enter = 0;
  let exit = 1;
  let squaredLength = 0;
  for (let axis = 0; axis < 3; axis++) {
    const size = grid.size[axis];
    const spacing = grid.spacingMm[axis];
    const lowerFace = grid.originMm[axis] - 0.5 * spacing;
    const delta = end[axis] - source[axis];
    squaredLength += delta * delta;
    if (Math.abs(delta) <= PARALLEL * spacing) {
      const middle = 0.5 * (source[axis] + end[axis]);
      const voxel = Math.floor((middle - lowerFace) / spacing);
      if (!(voxel >= 0 && voxel < size)) return 0;
      start[axis] = voxel;
      first[axis] = Infinity;
      step[axis] = 0;
      continue;
    }
    first[axis] = (lowerFace - source[axis]) / delta;
    step[axis] = spacing / delta;
    const last = first[axis] + size * step[axis];
    enter = Math.max(enter, Math.min(first[axis], last));
    exit = Math.min(exit, Math.max(first[axis], last));
  }
  if (!(enter < exit && squaredLength > 0)) return 0;
  for (let axis = 0; axis < 3; axis++) {
    if (step[axis] === 0) continue;
    const voxel = Math.floor((enter - first[axis]) / step[axis]);
    start[axis] = Math.max(0, Math.min(grid.size[axis] - 1, voxel));
  }
  return walk(grid, enter, exit, Math.sqrt(squaredLength), path);
}

/** Walks from `enter` to `exit`, fractions of the segment, with the scratch that is set. */
function walk(grid: Grid, enter: number, exit: number, lengthMm: number, path: Path): number {
  const { voxels, entriesMm, lengthsMm } = path;
  const firstX = first[0];
  const firstY = first[1];
  const firstZ = first[2];
  const stepX = step[0];
  const stepY = step[1];
  const stepZ = step[2];
  const sizeX = grid.size[0];
  const sizeY = grid.size[1];
  const forwardX = stepX > 0 ? 1 : -1;
  const forwardY = stepY > 0 ? 1 : -1;
  const forwardZ = stepZ > 0 ? 1 : -1;
  const strideX = forwardX;
  const strideY = forwardY * sizeX;
  const strideZ = forwardZ * sizeX * sizeY;
  let voxel = start[0] + sizeX * (start[1] + sizeY * start[2]);
  // The plane through which the voxel is left, and where that is on the segment.
  let planeX = stepX > 0 ? start[0] + 1 : start[0];
  let planeY = stepY > 0 ? start[1] + 1 : start[1];
  let planeZ = stepZ > 0 ? start[2] + 1 : start[2];
  let nextX = firstX + planeX * stepX;
  let nextY = firstY + planeY * stepY;
  let nextZ = firstZ + planeZ * stepZ;

  let count = 0;
  let position = enter;
  for (;;) {
    const next = Math.min(nextX, nextY, nextZ);
    const leave = Math.min(next, exit);
    // Where planes meet at one point, or rounding chose the first voxel, steps may be empty.
    if (leave > position) {
      voxels[count] = voxel;
      entriesMm[count] = position * lengthMm;
      lengthsMm[count] = (leave - position) * lengthMm;
      count++;
      position = leave;
    }
    if (!(next < exit)) return count;
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

/**
 * Integral of `densities` (one a voxel) along the segment from `source` to `end`, in density times
 * mm. Leaves the voxels in `path`.
 */
export function pathIntegral(
  grid: Grid,
  densities: Float32Array,
  source: Vec3,
  end: Vec3,
  path: Path,
): number {
  const count = tracePath(grid, source, end, path);
  let integral = 0;
  for (let i = 0; i < count; i++) integral += densities[path.voxels[i]] * path.lengthsMm[i];
  return integral;
}

/** `pathIntegral` for many segments on the memory behind `buffer`: the reference of a kernel. */
export function referencePathIntegrals(buffer: ArrayBufferLike) {
  return (
    grid: number,
    densities: number,
    source: number,
    ends: number,
    count: number,
    out: number,
  ): void => {
    const vector = (at: number): Vec3 => {
      const [x, y, z] = new Float64Array(buffer, at, 3);
      return [x, y, z];
    };
    const voxels = {
      size: vector(grid),
      spacingMm: vector(grid + 24),
      originMm: vector(grid + 48),
    };
    const path = createPath(voxels);
    const values = new Float32Array(buffer, densities);
    const integrals = new Float32Array(buffer, out, count);
    for (let i = 0; i < count; i++) {
      integrals[i] = pathIntegral(voxels, values, vector(source), vector(ends + 24 * i), path);
    }
  };
}
