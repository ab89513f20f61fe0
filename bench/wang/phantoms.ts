/** Phantoms of parallel cylinders: a target among organs in a cylinder of water. */
import { cosDeg, sinDeg } from '@isola/kernels/elementary';
import type { Grid } from '@isola/kernels/grid';
import { type Case, matradDefaultHuTable, type Structure } from '@isola/planning/case';

/** The first is the target. */
export interface Cylinder {
  readonly name: string;
  readonly radiusMm: number;
  /** Of its axis from the phantom's, in the direction of a gantry at the angle. */
  readonly distanceMm: number;
  readonly angleDeg: number;
  readonly halfLengthMm: number;
}

export interface CylinderPhantom {
  readonly voxelMm: number;
  readonly bodyRadiusMm: number;
  readonly cylinders: readonly Cylinder[];
}

/** How far the body goes on beyond target and organs. */
const MARGIN_MM = 50;
const [AIR_HU, WATER_HU] = [-1000, 0];

export function cylinderPhantom(name: string, phantom: CylinderPhantom): Case {
  const { voxelMm, bodyRadiusMm, cylinders } = phantom;
  const bodyHalfLengthMm = MARGIN_MM + Math.max(...cylinders.map((one) => one.halfLengthMm));
  const half = [bodyRadiusMm, bodyRadiusMm, bodyHalfLengthMm].map(
    (mm) => Math.ceil(mm / voxelMm) + 1,
  );
  const origin = half.map((n) => (0.5 - n) * voxelMm);
  const grid: Grid = {
    size: [2 * half[0], 2 * half[1], 2 * half[2]],
    spacingMm: [voxelMm, voxelMm, voxelMm],
    originMm: [origin[0], origin[1], origin[2]],
  };
  const body: Structure = {
    ...{ name: 'Body', kind: 'external' },
    voxels: voxelsIn(grid, 0, 0, bodyRadiusMm, bodyHalfLengthMm),
  };
  const hu = new Int16Array(8 * half[0] * half[1] * half[2]).fill(AIR_HU);
  for (const voxel of body.voxels) hu[voxel] = WATER_HU;
  const structures = cylinders.map((cylinder, index): Structure => {
    const x = cylinder.distanceMm * sinDeg(cylinder.angleDeg);
    const y = -cylinder.distanceMm * cosDeg(cylinder.angleDeg);
    return {
      ...{ name: cylinder.name, kind: index === 0 ? 'target' : 'organ' },
      voxels: voxelsIn(grid, x, y, cylinder.radiusMm, cylinder.halfLengthMm),
    };
  });
  return { name, grid, hu, huTable: matradDefaultHuTable, structures: [body, ...structures] };
}

/** Voxels whose centre lies in the cylinder. */
function voxelsIn(
  { size, spacingMm, originMm }: Grid,
  centreXMm: number,
  centreYMm: number,
  radiusMm: number,
  halfLengthMm: number,
): Uint32Array {
  const voxels: number[] = [];
  let voxel = 0;
  for (let k = 0; k < size[2]; k++) {
    const z = originMm[2] + k * spacingMm[2];
    for (let j = 0; j < size[1]; j++) {
      const y = originMm[1] + j * spacingMm[1] - centreYMm;
      for (let i = 0; i < size[0]; i++, voxel++) {
        const x = originMm[0] + i * spacingMm[0] - centreXMm;
        if (Math.abs(z) < halfLengthMm && x * x + y * y < radiusMm * radiusMm) voxels.push(voxel);
      }
    }
  }
  return Uint32Array.from(voxels);
}
