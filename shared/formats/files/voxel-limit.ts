import type { Grid, Vec3 } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';

/** Most voxels a grid may have, 512 x 512 x 512; checked before anything of that size is made. */
export const MAX_VOXELS = 2 ** 27;

/** Refuses sizes that are not three positive integers within `MAX_VOXELS`; `place` names them. */
export function checkGridSize(size: readonly number[], place: string): Vec3 {
  const [nx, ny, nz] = size;
  if (size.length !== 3 || !size.every((n) => Number.isInteger(n) && n >= 1)) {
    throw new InputError(place, `[${size}] is not a grid size; three integers >= 1 are needed`);
  }
  if (nx * ny * nz > MAX_VOXELS) {
    const count = nx * ny * nz;
    throw new InputError(place, `${nx} x ${ny} x ${nz} = ${count} voxels; at most ${MAX_VOXELS}`);
  }
  return [nx, ny, nz];
}

/** Builds a grid of checked numbers: spacing 0.01 to 1000 mm, origin finite. */
export function checkedGrid(
  size: readonly number[],
  spacingMm: readonly number[],
  originMm: readonly number[],
  place: string,
): Grid {
  const checkedSize = checkGridSize(size, place);
  if (spacingMm.length !== 3 || !spacingMm.every((s) => s >= 0.01 && s <= 1000)) {
    throw new InputError(place, `voxel spacing [${spacingMm}] mm; three numbers in 0.01 to 1000`);
  }
  if (originMm.length !== 3 || !originMm.every((o) => Math.abs(o) <= 1e6)) {
    throw new InputError(place, `origin [${originMm}] mm; three numbers within 1e6`);
  }
  return {
    size: checkedSize,
    spacingMm: [spacingMm[0], spacingMm[1], spacingMm[2]],
    originMm: [originMm[0], originMm[1], originMm[2]],
  };
}
