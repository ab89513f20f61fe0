/**
 * Structures of a case: finding them, and the form in which the optimiser sees them, disjoint and
 * on the grid of the dose.
 */
import { type Grid, resampleVoxels } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import type { Case, Structure } from './case.js';
import { differenceOf, unionOf } from './voxel-sets.js';

/**
 * The structure of that name.
 * @param place where the name stands, for the error, for example `objectives[2].structure`
 * @throws InputError with the names there are
 */
export function findStructure(
  { structures }: Pick<Case, 'structures'>,
  name: string,
  place: string,
): Structure {
  const found = structures.find((structure) => structure.name === name);
  if (found) return found;
  const known = structures.map((structure) => `'${structure.name}'`).join(', ');
  throw new InputError(place, `there is no structure '${name}'; there are ${known}`);
}

/** Voxels that are in at least one of the structures. */
export function unionOfStructures(structures: readonly Structure[]): Uint32Array {
  return structures.reduce(
    (all, { voxels }) => unionOf(all, voxels),
    new Uint32Array(0) as Uint32Array,
  );
}

export interface PrioritisedStructure {
  readonly structure: Structure;
  /** The lower number wins a voxel; structures of equal number share it. */
  readonly priority: number;
}

/**
 * Overlaps resolved: every structure loses the voxels of those with a lower priority number. Only
 * structures that have an objective take part, as in matRad (matRad_setOverlapPriorities), so hand
 * over only these. A structure may lose all its voxels. Order as given.
 */
export function resolveOverlaps(prioritised: readonly PrioritisedStructure[]): Structure[] {
  return prioritised.map(({ structure, priority }) => {
    const winners = prioritised.filter((other) => other.priority < priority);
    const taken = unionOfStructures(winners.map((winner) => winner.structure));
    return { ...structure, voxels: differenceOf(structure.voxels, taken) };
  });
}

/**
 * The structures on another grid: a voxel belongs where the nearest voxel of the old grid does. A
 * structure smaller than the new voxels may come out empty.
 */
export function resampleStructures(
  structures: readonly Structure[],
  from: Grid,
  to: Grid,
): Structure[] {
  return structures.map((structure) => ({
    ...structure,
    voxels: resampleVoxels(from, structure.voxels, to),
  }));
}
