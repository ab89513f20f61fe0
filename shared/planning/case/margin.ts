/**
 * Margins around voxel sets, in mm between voxel centres, the same in all directions. Exact on any
 * spacing, by the distance transform within the set's surroundings.
 */
import type { Grid, Vec3 } from '@isola/kernels/grid';
import { squaredDistancesMm2 } from './distance-transform.js';

/** A rounding error in spacings must not cost a voxel that lies on the margin. */
const ROUNDING = 1e-9;

/**
 * Voxels of the grid whose centre is at most `marginMm` from the centre of a voxel of the set.
 * @param marginMm 0 or more
 */
export function expand(grid: Grid, voxels: Uint32Array, marginMm: number): Uint32Array {
  if (voxels.length === 0) return voxels;
  const box = boxAround(grid, voxels, marginMm);
  const mask = new Uint8Array(box.size[0] * box.size[1] * box.size[2]);
  for (const voxel of voxels) mask[cellOf(grid, box, voxel)] = 1;
  const distancesMm2 = squaredDistancesMm2(mask, box.size, grid.spacingMm);
  const limitMm2 = marginMm * marginMm * (1 + ROUNDING);
  return selectVoxels(grid, box, (cell) => distancesMm2[cell] <= limitMm2);
}

/**
 * Voxels of the set whose centre is more than `marginMm` from the centre of every voxel outside the
 * set. What lies beyond the grid is outside.
 * @param marginMm 0 or more
 */
export function contract(grid: Grid, voxels: Uint32Array, marginMm: number): Uint32Array {
  if (voxels.length === 0) return voxels;
  const box = boxAround(grid, voxels, 0);
  const outside = new Uint8Array(box.size[0] * box.size[1] * box.size[2]).fill(1);
  for (const voxel of voxels) outside[cellOf(grid, box, voxel)] = 0;
  const distancesMm2 = squaredDistancesMm2(outside, box.size, grid.spacingMm);
  const limitMm2 = marginMm * marginMm * (1 + ROUNDING);
  return selectVoxels(grid, box, (cell) => distancesMm2[cell] > limitMm2);
}

/** Cells `low` to `low + size - 1` of a grid; may reach beyond it. */
interface Box {
  readonly low: Vec3;
  readonly size: Vec3;
}

/** The smallest box with the voxels (one at least), the margin and one more cell on every side. */
function boxAround({ size, spacingMm }: Grid, voxels: Uint32Array, marginMm: number): Box {
  const low = [...size];
  const high = [-1, -1, -1];
  for (const voxel of voxels) {
    const position = positionOf(size, voxel);
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k], position[k]);
      high[k] = Math.max(high[k], position[k]);
    }
  }
  const rim = spacingMm.map((mm) => Math.floor(marginMm / mm + ROUNDING) + 1);
  return {
    low: [low[0] - rim[0], low[1] - rim[1], low[2] - rim[2]],
    size: [
      high[0] - low[0] + 1 + 2 * rim[0],
      high[1] - low[1] + 1 + 2 * rim[1],
      high[2] - low[2] + 1 + 2 * rim[2],
    ],
  };
}

/** Where voxel stands along x, y, z. */
function positionOf(size: Vec3, voxel: number): Vec3 {
  const row = Math.floor(voxel / size[0]);
  const slice = Math.floor(row / size[1]);
  return [voxel - row * size[0], row - slice * size[1], slice];
}

/** Linear index within the box of a voxel of the grid. */
function cellOf(grid: Grid, { low, size }: Box, voxel: number): number {
  const [x, y, z] = positionOf(grid.size, voxel);
  return x - low[0] + size[0] * (y - low[1] + size[1] * (z - low[2]));
}

/** The grid's voxels, ascending, whose cell in the box is chosen. */
function selectVoxels(grid: Grid, box: Box, isChosen: (cell: number) => boolean): Uint32Array {
  const [nx, ny, nz] = grid.size;
  const voxels: number[] = [];
  let cell = 0;
  for (let k = 0; k < box.size[2]; k++) {
    const z = box.low[2] + k;
    for (let j = 0; j < box.size[1]; j++) {
      const y = box.low[1] + j;
      const rowInGrid = z >= 0 && z < nz && y >= 0 && y < ny;
      for (let i = 0; i < box.size[0]; i++, cell++) {
        const x = box.low[0] + i;
        if (rowInGrid && x >= 0 && x < nx && isChosen(cell)) voxels.push(x + nx * (y + ny * z));
      }
    }
  }
  return Uint32Array.from(voxels);
}
