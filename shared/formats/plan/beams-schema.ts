/** The beams of a plan: given, or so many that are searched for. */
import * as z from 'zod';
import {
  integer,
  list,
  map,
  number,
  oneOf,
  problemIn,
  refuse,
  type TellProblem,
  vector,
} from './fields.js';

const angleDeg = number({ min: 0, below: 360 });
const anglesAllowed = 'an angle, or a list with one angle a beam, each >= 0 and < 360';
const gantryAllowed = 'a list of angles >= 0 and < 360';

const anglesSchema = z.union([angleDeg, list(angleDeg, anglesAllowed)], {
  error: refuse(anglesAllowed),
});

const isocenterAllowed = 'target-centroid, or three numbers [x, y, z] in mm';

const written = map({
  gantryDeg: list(angleDeg, gantryAllowed).exactOptional().describe('One angle a beam.'),
  couchDeg: anglesSchema
    .exactOptional()
    .describe('One angle for all beams, or one a beam; 0 where absent.'),
  collimatorDeg: anglesSchema
    .exactOptional()
    .describe('One angle for all beams, or one a beam; 0 where absent.'),
  count: integer({ min: 1, max: 64 })
    .exactOptional()
    .describe('How many beams to search for, instead of angles.'),
  isocenter: z
    .union([oneOf(['target-centroid']), vector(number(), isocenterAllowed)], {
      error: refuse(isocenterAllowed),
    })
    .default('target-centroid')
    .describe('Centre of all beams: target-centroid, or [x, y, z] in mm.'),
  bixelMm: number({ min: 1, max: 50 }).describe('Side of a beamlet in the isocentre plane.'),
});

type WrittenBeams = z.output<typeof written>;
type Shared = Pick<WrittenBeams, 'isocenter' | 'bixelMm'>;

/** Beams with angles, one of each a beam. */
export interface GivenBeams extends Shared {
  readonly gantryDeg: number[];
  readonly couchDeg: number[];
  readonly collimatorDeg: number[];
}

/** Beams that are searched for. */
export interface SearchedBeams extends Shared {
  readonly count: number;
}

export const beamsSchema = written
  .superRefine(checkBeams)
  .transform(completed)
  .describe('Directions of the beams, or how many to search for; and their beamlets.');

function completed(beams: WrittenBeams): GivenBeams | SearchedBeams {
  const { gantryDeg, count, isocenter, bixelMm } = beams;
  if (gantryDeg === undefined) {
    // Checked: one of them is there.
    return { count: count as number, isocenter, bixelMm };
  }
  return {
    gantryDeg,
    couchDeg: perBeam(beams.couchDeg, gantryDeg.length),
    collimatorDeg: perBeam(beams.collimatorDeg, gantryDeg.length),
    ...{ isocenter, bixelMm },
  };
}

function perBeam(angles: number | number[] = 0, beams: number): number[] {
  return typeof angles === 'number' ? Array.from({ length: beams }, () => angles) : angles;
}

function checkBeams(beams: WrittenBeams, context: z.core.$RefinementCtx): void {
  const { gantryDeg, count } = beams;
  const problem = problemIn(context);
  if (gantryDeg === undefined && count === undefined) {
    problem(['gantryDeg'], `is missing; allowed: ${gantryAllowed}, or count and a search`);
  } else if (gantryDeg === undefined) {
    for (const key of ['couchDeg', 'collimatorDeg'] as const) {
      if (beams[key] === undefined) continue;
      problem([key], `is for beams with gantryDeg; allowed with count: search.${key}`);
    }
  } else if (count !== undefined) {
    problem(['count'], `is for beams without gantryDeg; allowed: one of the two`);
  } else {
    checkAngles({ ...beams, gantryDeg }, problem);
  }
}

function checkAngles(beams: WrittenBeams & { gantryDeg: number[] }, problem: TellProblem): void {
  const count = beams.gantryDeg.length;
  for (const key of ['couchDeg', 'collimatorDeg'] as const) {
    const angles = beams[key];
    if (!Array.isArray(angles) || angles.length === count) continue;
    problem([key], `has ${angles.length} angles for ${count} beams; allowed: 1, or ${count}`);
    return;
  }
  const couchDeg = perBeam(beams.couchDeg, count);
  const collimatorDeg = perBeam(beams.collimatorDeg, count);
  const seen = new Map<string, number>();
  beams.gantryDeg.forEach((gantryDeg, beam) => {
    const key = `${gantryDeg}/${couchDeg[beam]}/${collimatorDeg[beam]}`;
    const first = seen.get(key);
    seen.set(key, first ?? beam);
    if (first === undefined) return;
    const message = `${gantryDeg} repeats beam ${first}; allowed: beams that differ in an angle`;
    problem(['gantryDeg', beam], message);
  });
}
