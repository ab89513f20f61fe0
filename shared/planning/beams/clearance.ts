/**
 * Clearance: at which gantry and couch angles the gantry head meets neither couch nor patient.
 * Rules are plain data, so that a clinic can put in its own measured table, as it must before it
 * relies on an answer: the two tables below are a model and no measurement of any machine.
 *
 * The model of the tables. Gantry head: everything within 380 mm of the beam axis that is 415 mm or
 * more from the isocentre towards the source, typical of a C-arm linear accelerator. Couch top:
 * 530 mm wide, from 125 to 200 mm below the isocentre. Patient: a box 400 mm wide and 250 mm high
 * about the isocentre. Both reach 1500 mm to the feet. To the other side they reach 150 mm for an
 * isocentre in the head, and as far as 800 mm for one in the trunk. Sectors hold all angles where
 * these come within 30 mm of each other, and on to gantry 180: pedestal and floor are not modelled.
 * What wider patients, arms, frames, imaging panels and offset isocentres need comes on top.
 *
 * A model of a real machine and patient, right to 1 cm at the couch and 3 cm at the patient: Yu et
 * al. (2015), Med. Phys. 42, 6457. A review: Smyth et al. (2019), Br. J. Radiol. 92, 20180908.
 */
import { InputError } from '@isola/optimizers/problem';
import type { BeamAngles } from './beam.js';

/**
 * The angles met while turning upwards from the first to the second, both included, modulo 360:
 * [350, 10] has 20 degrees, [0, 360] all of them.
 */
export type SectorDeg = readonly [fromDeg: number, toDeg: number];

/** A collision: no beam may have both angles within these sectors. */
export interface ForbiddenSector {
  readonly couchDeg: SectorDeg;
  readonly gantryDeg: SectorDeg;
  /** What happens there: 'the gantry head meets the couch'. */
  readonly reason: string;
}

/** Which angles a machine can take. IEC 61217, head first supine, as everywhere. */
export interface ClearanceSpec {
  /** How far the couch turns. */
  readonly couchRangeDeg: SectorDeg;
  readonly forbidden: readonly ForbiddenSector[];
}

type Angles = Pick<BeamAngles, 'gantryDeg' | 'couchDeg'>;

const tooClose = 'the gantry head comes too close to couch or patient';

/** For isocentres in the head: a turned couch lies on one side, and that side is forbidden. */
export const HEAD_CLEARANCE: ClearanceSpec = {
  couchRangeDeg: [270, 90],
  forbidden: [
    { couchDeg: [8, 20], gantryDeg: [75, 180], reason: tooClose },
    { couchDeg: [20, 90], gantryDeg: [30, 180], reason: tooClose },
    { couchDeg: [340, 352], gantryDeg: [180, 285], reason: tooClose },
    { couchDeg: [270, 340], gantryDeg: [180, 330], reason: tooClose },
  ],
};

/** For isocentres in the trunk: a turned couch lies on both sides, and beams come from above. */
export const TRUNK_CLEARANCE: ClearanceSpec = {
  couchRangeDeg: [270, 90],
  forbidden: [
    { couchDeg: [8, 20], gantryDeg: [75, 285], reason: tooClose },
    { couchDeg: [20, 90], gantryDeg: [30, 330], reason: tooClose },
    { couchDeg: [340, 352], gantryDeg: [75, 285], reason: tooClose },
    { couchDeg: [270, 340], gantryDeg: [30, 330], reason: tooClose },
  ],
};

/** Whether a beam can be given; angles of any turn, finite. */
export function isClear(angles: Angles, spec: ClearanceSpec): boolean {
  return firstCollision(angles, spec) === null;
}

/** Why a beam cannot be given, in one line, by the first rule that forbids it; null where none. */
export function firstCollision(angles: Angles, spec: ClearanceSpec): string | null {
  const { gantryDeg, couchDeg } = angles;
  const beam = `gantry ${gantryDeg}, couch ${couchDeg}`;
  if (!isWithin(couchDeg, spec.couchRangeDeg)) {
    return `${beam}: the couch turns ${inWords(spec.couchRangeDeg)} only`;
  }
  for (const rule of spec.forbidden) {
    if (!isWithin(couchDeg, rule.couchDeg) || !isWithin(gantryDeg, rule.gantryDeg)) continue;
    const where = `couch ${inWords(rule.couchDeg)} with gantry ${inWords(rule.gantryDeg)}`;
    return `${beam}: ${rule.reason} (${where})`;
  }
  return null;
}

/**
 * The candidates that can be given, in their order.
 * @param place where the candidates were asked for
 * @throws InputError where all of them collide, with the reason of the first
 */
export function clearCandidates<A extends Angles>(
  place: string,
  candidates: readonly A[],
  spec: ClearanceSpec,
): A[] {
  const clear = candidates.filter((angles) => isClear(angles, spec));
  if (clear.length > 0 || candidates.length === 0) return clear;
  const reason = firstCollision(candidates[0], spec);
  throw new InputError(place, `all ${candidates.length} candidates collide; ${reason}`);
}

/** @throws InputError for a sector with an end that is not finite, or of more than one turn */
export function checkClearance(place: string, spec: ClearanceSpec): void {
  checkSector(`${place}.couchRangeDeg`, spec.couchRangeDeg);
  spec.forbidden.forEach(({ couchDeg, gantryDeg }, index) => {
    checkSector(`${place}.forbidden[${index}].couchDeg`, couchDeg);
    checkSector(`${place}.forbidden[${index}].gantryDeg`, gantryDeg);
  });
}

function checkSector(place: string, [fromDeg, toDeg]: SectorDeg): void {
  for (const deg of [fromDeg, toDeg]) {
    if (deg >= -360 && deg <= 360) continue;
    throw new InputError(place, `holds ${deg}; allowed: angles from -360 to 360`);
  }
  if (toDeg - fromDeg > 360) {
    throw new InputError(place, `spans ${toDeg - fromDeg} degrees; allowed: at most 360`);
  }
}

function isWithin(deg: number, [fromDeg, toDeg]: SectorDeg): boolean {
  const width = toDeg - fromDeg === 360 ? 360 : turn(toDeg - fromDeg);
  return turn(deg - fromDeg) <= width;
}

/** The same angle in [0, 360). */
function turn(deg: number): number {
  const turned = deg - 360 * Math.floor(deg / 360);
  // Rounding takes the smallest negative angles to a whole turn.
  return turned === 360 ? 0 : turned;
}

function inWords([fromDeg, toDeg]: SectorDeg): string {
  return `from ${fromDeg} to ${toDeg}`;
}
