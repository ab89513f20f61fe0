/** Where voxels and surfaces lie for a source. Depths themselves are a kernel (pathIntegrals). */
import { createPath, type Grid, tracePath, type Vec3 } from '@isola/kernels/grid';

/** Position of a voxel's centre. */
export function voxelCentreMm(grid: Grid, voxel: number, out: [number, number, number]): void {
  const { size, spacingMm, originMm } = grid;
  const x = voxel % size[0];
  const line = (voxel - x) / size[0];
  const y = line % size[1];
  out[0] = originMm[0] + spacingMm[0] * x;
  out[1] = originMm[1] + spacingMm[1] * y;
  out[2] = originMm[2] + (spacingMm[2] * (line - y)) / size[1];
}

/** Distance from `source` to the first voxel on the way to `end` denser than `surface`, or null. */
export function distanceToSurfaceMm(
  ct: Grid,
  density: Float32Array,
  source: Vec3,
  end: Vec3,
  surface: number,
): number | null {
  const path = createPath(ct);
  const count = tracePath(ct, source, end, path);
  for (let i = 0; i < count; i++) {
    if (density[path.voxels[i]] > surface) return path.entriesMm[i];
  }
  return null;
}
