/** From a plan file to what planning needs: the case, the machine and the spec of the search. */
import { dirname, resolve } from 'node:path';
import { disk, type FileSource, readFileText } from '@isola/formats/files';
import { readMatradCase, readMatradMachine } from '@isola/formats/matlab';
import { readOpenKbp } from '@isola/formats/openkbp';
import {
  caseSource,
  machineSource,
  type ObjectiveEntry,
  type Plan,
  type PlanFile,
  readPlan,
} from '@isola/formats/plan';
import { InputError } from '@isola/optimizers/problem';
import type { BeamAngles } from '@isola/planning/beams';
import {
  type Case,
  checkCase,
  findStructure,
  phantomByName,
  type StructureKind,
  withDerivedStructures,
} from '@isola/planning/case';
import { type Machine, machineByName } from '@isola/planning/machines';
import { checkGoals, type Goal, parseGoal } from '@isola/planning/metrics';
import type { ObjectiveSpec } from '@isola/planning/objectives';
import { DEFAULT_SAMPLING, type SamplingSpec, type TermSpec } from '@isola/planning/problem';
import type { FluenceSpec } from '@isola/planning/searches';
import { type AngleSearch, angleSearch } from './angle-search.js';
import { inPlanFile } from './plan-place.js';

/** A plan with everything that it names, checked. */
export interface LoadedPlan {
  /** The plan file's path, as given. */
  readonly path: string;
  readonly file: PlanFile;
  readonly plan: Plan;
  readonly goals: readonly Goal[];
  /** Without angles where these are searched for. */
  readonly spec: FluenceSpec;
  /** What is searched for before the fluence; null: nothing. */
  readonly search: AngleSearch | null;
}

/**
 * Reads a plan file and what it names.
 * @throws InputError with file, place and what is allowed
 */
export async function loadPlan(path: string): Promise<LoadedPlan> {
  return loadPlanFile(readPlan(readText(path), path), path);
}

function readText(path: string): string {
  try {
    return readFileText(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(path, `${error.problem}; allowed: a plan file in YAML`);
  }
}

/**
 * Reads what a plan names.
 * @param path of the plan file: relative paths in it start at its folder
 */
export function loadPlanFile(
  file: PlanFile,
  path: string,
  files: FileSource = disk,
): Promise<LoadedPlan> {
  return inPlanFile(file, () => {
    const folder = dirname(resolve(path));
    const patient = loadCase(file, folder, files);
    const machine = loadMachine(file.plan.machine, folder, files);
    const goals = loadGoals(file, patient);
    const spec = fluenceSpec(file, patient, machine);
    return { path, file, plan: file.plan, goals, spec, search: angleSearch(file, spec) };
  });
}

/** The case that a plan names, with its structures' kinds set and derived structures added. */
function loadCase(file: PlanFile, folder: string, files: FileSource): Case {
  const { plan } = file;
  const given = readCase(file, folder, files);
  checkCase(given);
  const entries = Object.entries(plan.structures);
  const derived = entries.filter(([, entry]) => entry.from !== undefined);
  const changed = new Map<string, StructureKind>();
  for (const [name, { kind, from }] of entries) {
    if (from !== undefined) continue;
    findStructure(given, name, file.place(['structures', name]));
    if (kind !== undefined) changed.set(name, kind);
  }
  const structures = given.structures.map((structure) => ({
    ...structure,
    kind: changed.get(structure.name) ?? structure.kind,
  }));
  const rules = derived.map(([name, { from, marginMm, kind }]) => [
    name,
    { from, ...(marginMm && { marginMm }), ...(kind && { kind }) },
  ]);
  return withDerivedStructures({ ...given, structures }, Object.fromEntries(rules));
}

function readCase({ plan, place }: PlanFile, folder: string, files: FileSource): Case {
  const source = caseSource(plan.case.source, folder);
  const { ctOffset } = plan.case;
  if (source.kind === 'openkbp') {
    return readOpenKbp(source.folder, { files, ...(ctOffset !== undefined && { ctOffset }) });
  }
  if (ctOffset !== undefined) {
    throw new InputError(place(['case', 'ctOffset']), 'is for openkbp cases only');
  }
  if (source.kind === 'matrad') return readMatradCase(source.file, { files }).case;
  return phantomByName(source.name).build();
}

function loadMachine(machine: string, folder: string, files: FileSource): Machine {
  const source = machineSource(machine, folder);
  if (source.kind === 'matrad') return readMatradMachine(source.file, files);
  return machineByName(source.name);
}

function loadGoals({ plan, place }: PlanFile, patient: Case): Goal[] {
  const goals = plan.goals.map((text, i) => parseGoal(text, place(['goals', i])));
  const structures = new Map(patient.structures.map(({ name, voxels }) => [name, voxels]));
  checkGoals(goals, { structures, prescriptionGy: plan.prescription.doseGy });
  return goals;
}

function fluenceSpec(file: PlanFile, patient: Case, machine: Machine): FluenceSpec {
  const { plan, place } = file;
  const { beams, optimizer, prescription } = plan;
  for (const name of Object.keys(plan.priorities)) {
    findStructure(patient, name, place(['priorities', name]));
  }
  plan.objectives.forEach(({ structure }, i) => {
    findStructure(patient, structure, place(['objectives', i, 'structure']));
  });
  findStructure(patient, prescription.structure, place(['prescription', 'structure']));
  return {
    ...{ patient, machine, prescription, fractions: plan.fractions },
    angles: givenAngles(beams),
    isocenterMm: beams.isocenter,
    beamletMm: beams.bixelMm,
    doseGridMm: plan.doseGridMm,
    objectives: plan.objectives.map((entry) => termSpec(entry, plan.fractions)),
    priorities: plan.priorities,
    method: optimizer.method,
    maxIterations: optimizer.maxIterations,
    tolerance: optimizer.tolerance,
    sampling: samplingSpec(plan),
    shards: optimizer.shards,
    normalisation: normalisation(file),
  };
}

function givenAngles(beams: Plan['beams']): BeamAngles[] {
  if ('count' in beams) return [];
  const { gantryDeg, couchDeg, collimatorDeg } = beams;
  return gantryDeg.map((deg, b) => ({
    gantryDeg: deg,
    couchDeg: couchDeg[b],
    collimatorDeg: collimatorDeg[b],
  }));
}

function termSpec(entry: ObjectiveEntry, fractions: number): TermSpec {
  const { structure, weight, type } = entry;
  const objective: ObjectiveSpec = {
    type,
    dosePerFractionGy: entry.doseGy / fractions,
    ...('a' in entry && { exponent: entry.a }),
    ...('volumePercent' in entry && { volumePercent: entry.volumePercent }),
    ...('quadratic' in entry && { form: entry.quadratic ? 'quadratic' : 'linear' }),
  };
  return { structure, weight, objective };
}

function samplingSpec({ sampling, optimizer }: Plan): SamplingSpec | null {
  const isTwoLevel = optimizer.method === 'two-level';
  if (sampling === 'none' || (sampling === 'default' && !isTwoLevel)) return null;
  return sampling === 'default' ? DEFAULT_SAMPLING : { ...DEFAULT_SAMPLING, ...sampling };
}

function normalisation({ plan, place }: PlanFile): FluenceSpec['normalisation'] {
  if (plan.normalize === 'none') return null;
  const { metric, toGy } = plan.normalize;
  const text = `${plan.prescription.structure} ${metric} >= ${toGy} Gy`;
  const goal = parseGoal(text, place(['normalize', 'metric']));
  if (goal.unit === 'Gy') return { metric: goal, toGy };
  throw new InputError(
    place(['normalize', 'metric']),
    `${metric} is no dose; allowed: D95%, Dmean`,
  );
}
