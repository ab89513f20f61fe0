/**
 * Fewer voxels for the optimisation (as in Wang et al. 2009): all near a target's surface and in
 * small structures, one a cell of `stride`^3 voxels elsewhere. A kept voxel carries the number of
 * voxels it stands for, so every structure keeps its total weight.
 */
import type { Grid } from '@isola/kernels/grid';
import { squaredDistancesMm2 } from '../case/distance-transform.js';

export interface SamplingSpec {
  /** Edge of a cell in voxels; 1 keeps all voxels. */
  readonly stride: number;
  /** Voxels nearer than this to a target's surface, on either side, are all kept. */
  readonly boundaryMm: number;
  /** Structures with fewer voxels are kept whole. */
  readonly smallestSampled: number;
}

/** What suits a coarse level: small structures, and what lies near a target, stay whole. */
export const DEFAULT_SAMPLING: SamplingSpec = { stride: 3, boundaryMm: 8, smallestSampled: 2500 };

export interface SampledStructure {
  /** Voxels of the grid, ascending. */
  readonly voxels: Uint32Array;
  /** How many voxels each stands for. */
  readonly weights: Float64Array;
}

/** The fine zone: voxels within `boundaryMm` of the surface of any target. */
export function fineZone(
  grid: Grid,
  targets: readonly Uint32Array[],
  boundaryMm: number,
): Uint8Array {
  const count = grid.size[0] * grid.size[1] * grid.size[2];
  const fine = new Uint8Array(count);
  const limitMm2 = boundaryMm * boundaryMm;
  for (const target of targets) {
    const inside = new Uint8Array(count);
    for (const v of target) inside[v] = 1;
    const outside = inside.map((flag) => 1 - flag);
    const toTarget = squaredDistancesMm2(inside, grid.size, grid.spacingMm);
    const toOutside = squaredDistancesMm2(outside, grid.size, grid.spacingMm);
    for (let v = 0; v < count; v++) {
      if (toTarget[v] <= limitMm2 && toOutside[v] <= limitMm2) fine[v] = 1;
    }
  }
  return fine;
}

/** Samples one structure: every fine voxel, and one voxel a cell that stands for the cell. */
export function sampleStructure(
  grid: Grid,
  voxels: Uint32Array,
  fine: Uint8Array,
  { stride, smallestSampled }: SamplingSpec,
): SampledStructure {
  if (stride === 1 || voxels.length < smallestSampled) {
    return { voxels, weights: new Float64Array(voxels.length).fill(1) };
  }
  const [nx, ny] = grid.size;
  const cellsX = Math.ceil(nx / stride);
  const cellsY = Math.ceil(ny / stride);
  const counts = new Map<number, number>();
  const representatives = new Map<number, { voxel: number; off: number }>();
  const kept: [number, number][] = [];
  const middle = (stride - 1) / 2;
  for (const voxel of voxels) {
    if (fine[voxel] === 1) {
      kept.push([voxel, 1]);
      continue;
    }
    const x = voxel % nx;
    const y = Math.floor(voxel / nx) % ny;
    const z = Math.floor(voxel / (nx * ny));
    const cell =
      Math.floor(x / stride) + cellsX * (Math.floor(y / stride) + cellsY * Math.floor(z / stride));
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    const [dx, dy, dz] = [(x % stride) - middle, (y % stride) - middle, (z % stride) - middle];
    const off = dx * dx + dy * dy + dz * dz;
    const best = representatives.get(cell);
    if (best === undefined || off < best.off) representatives.set(cell, { voxel, off });
  }
  for (const [cell, { voxel }] of representatives) kept.push([voxel, counts.get(cell) as number]);
  kept.sort((a, b) => a[0] - b[0]);
  return {
    voxels: Uint32Array.from(kept, ([voxel]) => voxel),
    weights: Float64Array.from(kept, ([, weight]) => weight),
  };
}
