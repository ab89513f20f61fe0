/** Cases whose dose influence is measured: beams, voxels and machine, ready for the engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readReference, readReferenceMachine } from '@isola/formats/reference';
import { type DoseSpec, doseGridOf } from '@isola/planning/dose';
import { makeTerms, objectiveStructures } from '@isola/planning/problem';
import { doseSpec, planBeams } from '@isola/planning/searches';
import { loadPlan } from '@isola/worker/plans';
import { type ReferenceProblem, referenceProblem } from 'isola/reference-problem';
import { examplePlan } from './places.js';

export interface DoseCase {
  readonly name: string;
  /** The path that it needs, where that does not exist; else null. */
  readonly missing: string | null;
  load(): Promise<DoseSpec>;
}

/** A phantom's plan of examples/ on a cubic dose grid. */
export function phantomCase(plan: string, gridMm: number): DoseCase {
  return {
    name: `${plan}, ${gridMm} mm`,
    missing: null,
    load: () => planDoseSpec(plan, gridMm),
  };
}

/** matRad's C-shape, computed as matRad does. */
export function matradCase(dataFolder: string): DoseCase {
  const folder = matradFolder(dataFolder);
  return {
    name: 'matRad cshape',
    missing: absent(folder),
    load: async () => loadMatrad(folder).dose,
  };
}

/** The OpenKBP patients that have a plan in examples/, on the grid of their CT. */
export function openKbpCases(dataFolder: string): DoseCase[] {
  return OPENKBP_PATIENTS.map((patient) => ({
    name: `openkbp ${patient}`,
    missing: absent(openKbpFolder(dataFolder, patient)),
    load: () => planDoseSpec(`openkbp-${patient}`, 'case'),
  }));
}

export const OPENKBP_PATIENTS = ['pt_187', 'pt_201', 'pt_236', 'pt_242'] as const;

export function openKbpFolder(dataFolder: string, patient: string): string {
  return join(dataFolder, 'data', 'openkbp', patient);
}

export function matradFolder(dataFolder: string): string {
  return join(dataFolder, 'reference', 'matrad', 'cshape');
}

/** The reference case in `folder` as engine and optimiser see it. */
export function loadMatrad(folder: string): ReferenceProblem {
  return referenceProblem(readReference(folder), readReferenceMachine(folder), folder);
}

/** The path, where nothing is there; else null. */
export function absent(path: string): string | null {
  return existsSync(path) ? null : path;
}

/** All voxels that the objectives of a plan see. */
async function planDoseSpec(plan: string, gridMm: number | 'case'): Promise<DoseSpec> {
  const { spec } = await loadPlan(examplePlan(plan));
  const { patient, objectives, priorities } = spec;
  const grid =
    gridMm === 'case' ? patient.grid : doseGridOf(patient.grid, [gridMm, gridMm, gridMm]);
  const structures = objectiveStructures(patient, objectives, priorities, grid);
  const { voxels } = makeTerms(structures, objectives, grid, null);
  return doseSpec(spec, planBeams(spec).beams, voxels);
}
