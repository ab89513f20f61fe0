/** What must hold of a case from outside before anything is computed with it. */
import { voxelCount } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import type { Case, HuTable, Structure } from './case.js';

/** Linear indices are 32-bit. */
const MAX_VOXELS = 0x8000_0000;

/**
 * @throws InputError where the case is not as case.ts describes it: sizes, spacings, table, names,
 *   voxel indices, empty structures
 */
export function checkCase(given: Case): void {
  checkGrid(given);
  const voxels = voxelCount(given.grid);
  if (given.hu.length !== voxels) {
    throw new InputError('case.hu', `has ${given.hu.length} values; the grid has ${voxels} voxels`);
  }
  checkTable(given.huTable);
  checkNames(given.structures);
  for (const structure of given.structures) checkVoxels(structure, voxels);
  const { referenceDoseGy } = given;
  if (referenceDoseGy === undefined) return;
  const place = 'case.referenceDoseGy';
  if (referenceDoseGy.length !== voxels) {
    throw new InputError(
      place,
      `has ${referenceDoseGy.length} values; the grid has ${voxels} voxels`,
    );
  }
  const bad = referenceDoseGy.findIndex((dose) => !(dose >= 0 && dose < Number.POSITIVE_INFINITY));
  if (bad >= 0) {
    throw new InputError(place, `is ${referenceDoseGy[bad]} in voxel ${bad}; it must be 0 or more`);
  }
}

function checkGrid({ grid }: Case): void {
  ['x', 'y', 'z'].forEach((axis, k) => {
    const size = grid.size[k];
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new InputError(
        `case.grid.size.${axis}`,
        `is ${size}; it must be a whole number from 1`,
      );
    }
    const spacing = grid.spacingMm[k];
    if (!(Number.isFinite(spacing) && spacing > 0)) {
      throw new InputError(`case.grid.spacingMm.${axis}`, `is ${spacing}; it must be above 0`);
    }
    if (!Number.isFinite(grid.originMm[k])) {
      throw new InputError(
        `case.grid.originMm.${axis}`,
        `is ${grid.originMm[k]}; it must be finite`,
      );
    }
  });
  if (voxelCount(grid) > MAX_VOXELS) {
    throw new InputError('case.grid.size', `makes ${voxelCount(grid)} voxels; at most 2^31 fit`);
  }
}

function checkTable({ name, hu, density }: HuTable): void {
  const place = `case.huTable '${name}'`;
  if (hu.length < 1 || hu.length !== density.length) {
    throw new InputError(place, `has ${hu.length} HU values and ${density.length} densities`);
  }
  hu.forEach((value, k) => {
    if (!Number.isFinite(value) || (k > 0 && value <= hu[k - 1])) {
      throw new InputError(place, `has HU ${value} at ${k}; they must be finite and ascend`);
    }
    if (!(Number.isFinite(density[k]) && density[k] >= 0)) {
      throw new InputError(place, `has density ${density[k]} at HU ${value}; it must be 0 or more`);
    }
  });
}

function checkNames(structures: readonly Structure[]): void {
  const seen = new Set<string>();
  structures.forEach(({ name }, k) => {
    if (name.trim() === '') throw new InputError(`case.structures[${k}]`, 'has no name');
    if (seen.has(name)) {
      throw new InputError(`case.structures[${k}]`, `'${name}' is there twice; names are unique`);
    }
    seen.add(name);
  });
}

function checkVoxels({ name, voxels }: Structure, voxelsOfGrid: number): void {
  const place = `case.structures '${name}'`;
  if (voxels.length === 0) throw new InputError(place, 'is empty; it must have a voxel at least');
  for (let k = 1; k < voxels.length; k++) {
    if (voxels[k] <= voxels[k - 1]) {
      throw new InputError(
        place,
        `has voxel ${voxels[k]} after ${voxels[k - 1]}; indices must ascend without repeats`,
      );
    }
  }
  const last = voxels[voxels.length - 1];
  if (last >= voxelsOfGrid) {
    throw new InputError(place, `has voxel ${last}; the grid has ${voxelsOfGrid}, from 0`);
  }
}
