/** Analytic phantoms: solids in air, put on a voxel grid of any size. */
import { type Grid, type Vec3, voxelCount } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import type { Case, Structure, StructureKind } from '../case.js';
import { matradDefaultHuTable } from '../hu-table.js';
import type { Shape } from './shapes.js';

export interface Phantom {
  readonly name: string;
  /** One line. */
  readonly description: string;
  /**
   * The phantom on cubic voxels, of 2.5 mm by default.
   * @throws InputError where the size is not from 0.5 to 10 mm
   */
  build(voxelMm?: number): Case;
}

export interface Solid {
  readonly name: string;
  readonly kind: StructureKind;
  readonly shape: Shape;
  /** What it is made of; where left out, of what the solids before it are made. */
  readonly hu?: number;
}

const AIR_HU = -1000;
const DEFAULT_VOXEL_MM = 2.5;

/**
 * A phantom of solids, each a structure; the first is the outline.
 * @param halfSizeMm of a box around the centre with all solids in it
 */
export function phantomOf(
  name: string,
  description: string,
  halfSizeMm: Vec3,
  solids: readonly Solid[],
): Phantom {
  return {
    name,
    description,
    build(voxelMm = DEFAULT_VOXEL_MM) {
      if (!(voxelMm >= 0.5 && voxelMm <= 10)) {
        throw new InputError('case.voxelMm', `is ${voxelMm}; it must be from 0.5 to 10`);
      }
      const grid = gridAround(halfSizeMm, voxelMm);
      const hu = new Int16Array(voxelCount(grid)).fill(AIR_HU);
      const structures: Structure[] = solids.map((solid) => {
        const voxels = voxelsIn(grid, solid.shape);
        if (solid.hu !== undefined) for (const voxel of voxels) hu[voxel] = solid.hu;
        return { name: solid.name, kind: solid.kind, voxels };
      });
      return { name, grid, hu, huTable: matradDefaultHuTable, structures };
    },
  };
}

/** Voxels around the centre, which is a voxel's corner, and one layer more than needed: air. */
function gridAround(halfSizeMm: Vec3, voxelMm: number): Grid {
  const half = halfSizeMm.map((mm) => Math.ceil(mm / voxelMm) + 1);
  const originMm = half.map((n) => (0.5 - n) * voxelMm);
  return {
    size: [2 * half[0], 2 * half[1], 2 * half[2]],
    spacingMm: [voxelMm, voxelMm, voxelMm],
    originMm: [originMm[0], originMm[1], originMm[2]],
  };
}

/** Voxels whose centre lies in the shape. */
function voxelsIn({ size, spacingMm, originMm }: Grid, shape: Shape): Uint32Array {
  const voxels: number[] = [];
  let voxel = 0;
  for (let k = 0; k < size[2]; k++) {
    const z = originMm[2] + k * spacingMm[2];
    for (let j = 0; j < size[1]; j++) {
      const y = originMm[1] + j * spacingMm[1];
      for (let i = 0; i < size[0]; i++, voxel++) {
        if (shape(originMm[0] + i * spacingMm[0], y, z)) voxels.push(voxel);
      }
    }
  }
  return Uint32Array.from(voxels);
}
