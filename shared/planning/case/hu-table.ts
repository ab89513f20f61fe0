/** From Hounsfield units to relative electron density. */
import { voxelCount } from '@isola/kernels/grid';
import type { Case, HuTable } from './case.js';

/** The table that matRad uses by default: matRad/hluts/matRad_default.hlut, BSD-3-Clause. */
export const matradDefaultHuTable: HuTable = {
  name: 'matRad default',
  hu: [-1024, -999, -90, -45, 0, 100, 350, 3000],
  density: [0.001, 0.001, 0.95, 0.99, 1, 1.095, 1.199, 2.505],
};

/** Density at one HU value: linear between the table's entries, that of its ends beyond them. */
export function densityAt({ hu, density }: HuTable, value: number): number {
  const last = hu.length - 1;
  if (value <= hu[0]) return density[0];
  if (value >= hu[last]) return density[last];
  let upper = 1;
  while (hu[upper] < value) upper++;
  const part = (value - hu[upper - 1]) / (hu[upper] - hu[upper - 1]);
  return density[upper - 1] + part * (density[upper] - density[upper - 1]);
}

/** Relative electron density of every voxel of the case, water being 1. */
export function densityOf({ grid, hu, huTable }: Case): Float32Array {
  const lowest = -32768;
  const byHu = Float32Array.from({ length: 65536 }, (_, k) => densityAt(huTable, lowest + k));
  const out = new Float32Array(voxelCount(grid));
  for (let v = 0; v < out.length; v++) out[v] = byHu[hu[v] - lowest];
  return out;
}
