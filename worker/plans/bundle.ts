/**
 * A plan with the files that it names, as bytes that mean the same on any machine: what a job is
 * about. Paths are not in it, so the same plan and files are the same bytes wherever they lay.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { inMemory } from '@isola/formats/files';
import {
  canonicalJson,
  caseSource,
  machineSource,
  type Plan,
  type PlanFile,
  readPlan,
} from '@isola/formats/plan';
import { fromBytes, toBytes } from '@isola/optimizers/islands';
import { InputError } from '@isola/optimizers/problem';
import { type LoadedPlan, loadPlanFile } from './load-plan.js';

const FORMAT = 'isola-plan-bundle/1';
/** Names of the files inside, whatever they were called outside. */
const CASE_FOLDER = 'case';
const CASE_FILE = 'case.mat';
const MACHINE_FILE = 'machine.mat';
/** The folder that they would be in. */
const FOLDER = '/';
/** Nothing that leads out of a folder; structures may be called anything else. */
const FILE_NAME = /^(case\/)?[^./\\\0][^/\\\0]*$/;
const CSV = /\.csv(\.gz)?$/;

interface Bundle {
  readonly format: typeof FORMAT;
  /** Canonical JSON of the plan, its paths replaced by names of files inside. */
  readonly plan: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/**
 * The bytes of a plan.
 * @param path of its file: relative paths in it start at its folder
 * @throws Error of the file system where a file that it names cannot be read
 */
export function bundlePlan(plan: Plan, path: string): Uint8Array {
  const folder = dirname(resolve(path));
  const source = caseSource(plan.case.source, folder);
  const machine = machineSource(plan.machine, folder);
  const files: Record<string, Uint8Array> = {};
  const names = { case: plan.case.source, machine: plan.machine };
  if (source.kind === 'openkbp') {
    names.case = `openkbp:${CASE_FOLDER}`;
    for (const name of readdirSync(source.folder).filter((entry) => CSV.test(entry))) {
      files[`${CASE_FOLDER}/${name}`] = readFileSync(join(source.folder, name));
    }
  } else if (source.kind === 'matrad') {
    names.case = CASE_FILE;
    files[CASE_FILE] = readFileSync(source.file);
  }
  if (machine.kind === 'matrad') {
    names.machine = MACHINE_FILE;
    files[MACHINE_FILE] = readFileSync(machine.file);
  }
  const portable = { ...plan, case: { ...plan.case, source: names.case }, machine: names.machine };
  const bundle: Bundle = { format: FORMAT, plan: canonicalJson(portable), files };
  return toBytes(bundle);
}

/**
 * Loads the plan of a bundle. Its files are of a patient, so they are read from memory.
 * @throws InputError for bytes that are no bundle, and for what a plan file is refused for
 */
export async function openBundle(bytes: Uint8Array): Promise<LoadedPlan> {
  const { file, files } = opened(bytes);
  const folder = resolve(FOLDER);
  const inside = new Map<string, Uint8Array>(
    Object.entries(files).map(([name, content]) => [join(folder, name), content]),
  );
  return loadPlanFile(file, join(folder, 'plan.yaml'), inMemory(inside));
}

/**
 * The plan of a bundle, without what it names.
 * @throws InputError as `openBundle`
 */
export function planInBundle(bytes: Uint8Array): Plan {
  return opened(bytes).file.plan;
}

function opened(bytes: Uint8Array): { file: PlanFile; files: Bundle['files'] } {
  const { plan, files } = checkedBundle(fromBytes(bytes, 'a plan bundle'));
  const file = readPlan(plan, 'plan');
  const outside = [file.plan.case.source, file.plan.machine].find(
    (source) => !isInside(source, files),
  );
  if (outside !== undefined) throw refused('it names a file that is not in it');
  return { file, files };
}

/** Whether what a plan names needs no file, or one of these. */
function isInside(source: string, files: Bundle['files']): boolean {
  if (source === `openkbp:${CASE_FOLDER}`) return true;
  return source.endsWith('.mat') ? source in files : !source.startsWith('openkbp:');
}

function checkedBundle(data: unknown): Bundle {
  const { format, plan, files } = (data ?? {}) as Partial<Record<keyof Bundle, unknown>>;
  if (format !== FORMAT) throw refused('it says so nowhere');
  if (typeof plan !== 'string' || typeof files !== 'object' || files === null) {
    throw refused('its parts are missing');
  }
  for (const [name, content] of Object.entries(files)) {
    if (!FILE_NAME.test(name)) throw refused('a file has a name that is not allowed');
    if (!(content instanceof Uint8Array)) throw refused('a file is no bytes');
  }
  return { format, plan, files: files as Bundle['files'] };
}

function refused(why: string): InputError {
  return new InputError('a plan bundle', `is none: ${why}; allowed: ${FORMAT}`);
}
