/**
 * A reference case as engine and optimiser see it: the beamlets, voxels and objectives of the run
 * that it was worked out by, with that planning system's ways where they differ from ours.
 */
import { join } from 'node:path';
import { type MatradReference, matradObjectiveClasses } from '@isola/formats/reference';
import { InputError } from '@isola/optimizers/problem';
import { type Structure, unionOfStructures } from '@isola/planning/case';
import type { DoseSpec } from '@isola/planning/dose';
import type { Machine } from '@isola/planning/machines';
import { DEFAULT_SAMPLING, makeTerms, type TermSpec, type Terms } from '@isola/planning/problem';

export interface ReferenceProblem {
  /** Rows: every dose voxel inside a structure. */
  readonly dose: DoseSpec;
  /** The cost on the rows of `dose`. */
  readonly terms: Terms;
  /** Its coarse twin, on fewer of the rows. */
  coarseTerms(): Terms;
  /** Rows of all targets, one target after the other. */
  readonly targetRows: Uint32Array;
  /** Mean target dose at the start: the largest dose in an objective of a target. */
  readonly startDosePerFractionGy: number;
}

/**
 * @param folder the reference's, for errors
 * @throws InputError for objectives that we do not have, and where no target has one
 */
export function referenceProblem(
  reference: MatradReference,
  machine: Machine,
  folder: string,
): ReferenceProblem {
  const { doseGrid, ctGrid, engine } = reference;
  const { grid } = doseGrid;
  const whole: Structure = {
    name: 'all voxels',
    kind: 'other',
    voxels: unionOfStructures(
      reference.structures.map(({ name, kind, doseVoxels }) => ({
        name,
        kind,
        voxels: doseVoxels,
      })),
    ),
  };
  const withObjectives = reference.structures.filter(({ objectives }) => objectives.length > 0);
  const structures = withObjectives.map(({ name, kind, objectiveVoxels }) => ({
    ...{ name, kind, voxels: objectiveVoxels },
  }));
  const specs = termSpecs(reference, join(folder, 'meta.json'));
  const terms = makeTerms([...structures, whole], specs, grid, null);
  return {
    dose: {
      patient: reference.case,
      machine: { ...machine, penumbraFwhmMm: engine.penumbraFwhmMm },
      beams: beamsOf(reference),
      voxels: terms.voxels,
      lateralCutoffMm: engine.geometricLateralCutOffMm,
      matrad: { uncroppedSize: ctGrid.full.size, cropOffset: ctGrid.cropOffset },
    },
    terms,
    coarseTerms: () => makeTerms(structures, specs, grid, DEFAULT_SAMPLING),
    ...startOf(reference, terms, folder),
  };
}

function beamsOf({ beams, bixelMm }: MatradReference): DoseSpec['beams'] {
  return beams.map(({ gantryDeg, couchDeg, isocenterMm, raysXMm, raysZMm }) => ({
    ...{ gantryDeg, couchDeg, collimatorDeg: 0, isocenterMm, beamletMm: bixelMm },
    ...{ xMm: raysXMm, zMm: raysZMm },
  }));
}

function termSpecs({ structures }: MatradReference, file: string): TermSpec[] {
  return structures.flatMap(({ name, objectives }) =>
    objectives.map(({ spec, penalty, className }) => {
      if (spec !== null) return { structure: name, weight: penalty, objective: spec };
      const known = matradObjectiveClasses.join(', ');
      const problem = `the objective class '${className}' is not known; allowed: ${known}`;
      throw new InputError(`${file}: structure '${name}'`, problem);
    }),
  );
}

/** What matRad starts from: all targets with objectives, and the largest dose among these. */
function startOf({ structures }: MatradReference, { voxels }: Terms, folder: string) {
  const targets = structures.filter(
    ({ kind, objectives }) => kind === 'target' && objectives.length > 0,
  );
  if (targets.length === 0) {
    throw new InputError(join(folder, 'meta.json'), 'no structure of type TARGET has an objective');
  }
  const rowOf = new Map(Array.from(voxels.voxels, (voxel, row) => [voxel, row]));
  const rows = targets.flatMap(({ objectiveVoxels }) =>
    Array.from(objectiveVoxels, (voxel) => rowOf.get(voxel) as number),
  );
  const doses = targets.flatMap(({ objectives }) =>
    objectives.map(({ spec }) => spec?.dosePerFractionGy ?? 0),
  );
  return { targetRows: Uint32Array.from(rows), startDosePerFractionGy: Math.max(...doses) };
}
