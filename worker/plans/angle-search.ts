/** From the search of a plan file to what islands look for. */
import { type AngleSearchEntry, anglesInRange, type PlanFile } from '@isola/formats/plan';
import { broadcastBest, complete, ring, type Topology, torus } from '@isola/optimizers/islands';
import { InputError } from '@isola/optimizers/problem';
import {
  type BeamAngles,
  type ClearanceSpec,
  clearCandidates,
  HEAD_CLEARANCE,
  TRUNK_CLEARANCE,
} from '@isola/planning/beams';
import type { AngleSearchSpec, FluenceSpec } from '@isola/planning/searches';

/** A search for beam angles, and the islands that do it. */
export interface AngleSearch {
  readonly spec: AngleSearchSpec;
  readonly islands: number;
  readonly epochs: number;
  readonly topology: Topology;
  readonly lag: number;
  readonly seed: number;
}

const CLEARANCES: Readonly<Record<'head' | 'trunk', ClearanceSpec>> = {
  head: HEAD_CLEARANCE,
  trunk: TRUNK_CLEARANCE,
};

/** By their names in plan files. */
export const TOPOLOGIES: Readonly<Record<AngleSearchEntry['topology'], Topology>> = {
  ring,
  torus,
  complete,
  'broadcast-best': broadcastBest,
};

/**
 * The search that a plan asks for; null where it gives its angles.
 * @param fluence what sets of beams are judged by
 * @throws InputError where fewer candidates than beams are clear of collisions
 */
export function angleSearch({ plan, place }: PlanFile, fluence: FluenceSpec): AngleSearch | null {
  const { beams, search, seed } = plan;
  if (search.method !== 'beam-angles' || !('count' in beams)) return null;
  const { count } = beams;
  const named = candidatesOf(search);
  const candidates = clearOf(search, named, place(['search', 'candidatesDeg']));
  if (count > candidates.length) {
    const problem = `${count} beams, but ${candidates.length} of ${named.length} candidates clear`;
    const allowed = `at most ${candidates.length}, or more candidates`;
    throw new InputError(
      place(['beams', 'count']),
      `${problem} couch and patient; allowed: ${allowed}`,
    );
  }
  const { population, generations, proposals, crossover, mutation, temperature, cooling, seeding } =
    search;
  const settings = {
    ...{ population, generations, proposals, crossover, mutation, temperature, cooling, seeding },
  };
  const { islands, epochs, lag } = search;
  const topology = TOPOLOGIES[search.topology];
  return { spec: { fluence, count, candidates, settings }, islands, epochs, topology, lag, seed };
}

/** Couch by couch, each with all gantry angles. */
function candidatesOf({ candidatesDeg, couchDeg, collimatorDeg }: AngleSearchEntry): BeamAngles[] {
  const gantries = anglesInRange(candidatesDeg);
  return anglesInRange(couchDeg).flatMap((couch) =>
    gantries.map((gantryDeg) => ({ gantryDeg, couchDeg: couch, collimatorDeg })),
  );
}

function clearOf(
  { clearance }: AngleSearchEntry,
  candidates: readonly BeamAngles[],
  place: string,
): readonly BeamAngles[] {
  return clearance === undefined
    ? candidates
    : clearCandidates(place, candidates, CLEARANCES[clearance]);
}
