/**
 * Six cases with the numbers of table 1 of Wang, Huang & Bao, Journal of Software 20:1116 (2009).
 * Published are fields, variables and constraints; patients, geometry and organ limits are not, so
 * these are phantoms: a cylindrical target among cylindrical organs in water, the fields equispaced
 * from gantry 0. The target and each organ is one constraint.
 */
import type { Case } from '@isola/planning/case';
import { type Cylinder, cylinderPhantom } from './phantoms.js';

/** What an organ may get. */
export interface OrganLimit {
  readonly organ: string;
  /** Dose that costs nothing, in parts of the prescribed one. */
  readonly dosePart: number;
  /** Of the organ, what may get more than that. */
  readonly volumePercent: number;
}

/** A row of table 1. */
export interface Published {
  readonly fields: number;
  readonly variables: number;
  readonly constraints: number;
  readonly iterations: number;
  readonly seconds: number;
  /** iterations x variables x constraints / seconds, in millions. */
  readonly indexMillionPerSecond: number;
}

export interface WangCase {
  readonly name: string;
  readonly published: Published;
  /** Of the grid on which the cost is known, at most 3. */
  readonly voxelMm: number;
  readonly limits: readonly OrganLimit[];
  build(): Case;
}

export const TARGET = 'PTV';

/** An organ beside the target, and what it may get. */
interface Organ {
  /** Seen from the target as from a gantry at this angle. */
  readonly angleDeg: number;
  readonly radiusMm: number;
  readonly halfLengthMm: number;
  /** Between it and the target. */
  readonly gapMm: number;
  readonly dosePart: number;
  readonly volumePercent: number;
}

interface Geometry {
  readonly bodyRadiusMm: number;
  readonly voxelMm: number;
  /** The target's radius and half length. */
  readonly targetMm: readonly [number, number];
  readonly organs: readonly Organ[];
}

export const wangCases: readonly WangCase[] = [
  wangCase('Pmphantom', published(5, 505, 4, 200_000, 259, 1.56), {
    ...{ bodyRadiusMm: 100, voxelMm: 3, targetMm: [20, 20] },
    organs: around([180, 60, 300], [16, 47, 4], { dosePart: 0.5, volumePercent: 5 }),
  }),
  wangCase('764278', published(3, 618, 3, 300_000, 432, 1.29), {
    ...{ bodyRadiusMm: 100, voxelMm: 3, targetMm: [25, 38] },
    organs: around([90, 270], [16, 48, 5], { dosePart: 0.5, volumePercent: 20 }),
  }),
  wangCase('V0694', published(5, 268, 6, 250_000, 374, 1.07), {
    ...{ bodyRadiusMm: 90, voxelMm: 3, targetMm: [13, 14] },
    organs: around([18, 90, 162, 234, 306], [12, 57, 4], { dosePart: 0.5, volumePercent: 5 }),
  }),
  wangCase('765992', published(3, 1170, 3, 340_000, 454, 2.63), {
    ...{ bodyRadiusMm: 100, voxelMm: 3, targetMm: [25, 76] },
    organs: around([90, 270], [12, 76, 5], { dosePart: 0.5, volumePercent: 40 }),
  }),
  wangCase('V0648', published(5, 601, 5, 250_000, 289, 2.59), {
    ...{ bodyRadiusMm: 100, voxelMm: 3, targetMm: [20, 25] },
    organs: around([54, 126, 234, 306], [13, 50, 5], { dosePart: 0.5, volumePercent: 15 }),
  }),
  wangCase('V0661', published(3, 734, 7, 270_000, 326, 4.26), {
    ...{ bodyRadiusMm: 100, voxelMm: 3, targetMm: [25, 46] },
    organs: around([30, 90, 150, 210, 270, 330], [9, 46, 24], { dosePart: 0.5, volumePercent: 15 }),
  }),
];

function published(
  fields: number,
  variables: number,
  constraints: number,
  iterations: number,
  seconds: number,
  indexMillionPerSecond: number,
): Published {
  return { fields, variables, constraints, iterations, seconds, indexMillionPerSecond };
}

/**
 * Equal organs at several angles.
 * @param sizeMm radius, half length, and gap to the target
 */
function around(
  anglesDeg: readonly number[],
  [radiusMm, halfLengthMm, gapMm]: readonly [number, number, number],
  limit: Pick<Organ, 'dosePart' | 'volumePercent'>,
): Organ[] {
  return anglesDeg.map((angleDeg) => ({ angleDeg, radiusMm, halfLengthMm, gapMm, ...limit }));
}

function wangCase(name: string, row: Published, geometry: Geometry): WangCase {
  const { bodyRadiusMm, voxelMm, targetMm, organs } = geometry;
  const [targetRadiusMm, halfLengthMm] = targetMm;
  const nameOf = (index: number) => `Organ_${index + 1}`;
  const target = { distanceMm: 0, angleDeg: 0, radiusMm: targetRadiusMm, halfLengthMm };
  const cylinders: Cylinder[] = [
    { name: TARGET, ...target },
    ...organs.map((organ, index) => ({
      ...{ name: nameOf(index), angleDeg: organ.angleDeg },
      distanceMm: targetRadiusMm + organ.gapMm + organ.radiusMm,
      ...{ radiusMm: organ.radiusMm, halfLengthMm: organ.halfLengthMm },
    })),
  ];
  return {
    ...{ name, voxelMm, published: row },
    limits: organs.map(({ dosePart, volumePercent }, index) => ({
      ...{ organ: nameOf(index), dosePart, volumePercent },
    })),
    build: () => cylinderPhantom(name, { voxelMm, bodyRadiusMm, cylinders }),
  };
}
