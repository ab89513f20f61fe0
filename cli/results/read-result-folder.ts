/** A result folder read again, with the case that it was planned for. */
import { join } from 'node:path';
import { readNifti } from '@isola/formats/nifti';
import { type Fluence, type ResultJson, readFluence, readResult } from '@isola/formats/result';
import { type Vec3, voxelCount } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { type FinalDose, type FluenceSpec, finalVoxels } from '@isola/planning/searches';
import { type LoadedPlan, loadPlanFile } from '@isola/worker/plans';
import { planHash } from './plan-hash.js';
import { type Summary, summarise } from './summary.js';

export interface ReadResult {
  readonly json: ResultJson;
  readonly spec: FluenceSpec;
  readonly isocenterMm: Vec3;
  readonly final: FinalDose;
  readonly summary: Summary;
}

/**
 * @throws InputError where a file is missing or damaged, where the files are not of one result, or
 * where the case or machine is not where it was
 */
export async function readResultFolder(folder: string): Promise<ReadResult> {
  const resultFile = join(folder, 'result.json');
  const json = readResult(resultFile);
  const fluence = readFluence(join(folder, 'fluence.json'));
  const doseFile = join(folder, 'dose.nii.gz');
  const dose = readNifti(doseFile).values;
  if (planHash(fluence.weights, dose) !== json.planHash) {
    const problem = 'dose.nii.gz and fluence.json are not those of result.json (planHash)';
    throw new InputError(folder, `${problem}; allowed: a folder as optimize has written it`);
  }
  const { spec, goals } = await loadPlanAgain(json, resultFile, folder);
  const voxels = finalVoxels(spec);
  if (dose.length !== voxelCount(voxels.voxels.grid)) {
    const [nx, ny, nz] = voxels.voxels.grid.size;
    const problem = `has ${dose.length} voxels; the case of the plan gives ${nx} x ${ny} x ${nz}`;
    throw new InputError(doseFile, problem);
  }
  const final: FinalDose = { ...voxels, doseGy: dose };
  const summary = summarise({ ...fluence, final }, goals, json.plan.prescription);
  return { json, spec, isocenterMm: isocentreOf(fluence), final, summary };
}

/** The plan in result.json; what it names is looked for where the plan file was. */
async function loadPlanAgain(
  { plan, planFile }: ResultJson,
  resultFile: string,
  folder: string,
): Promise<LoadedPlan> {
  const place = (path: readonly PropertyKey[]) => `${resultFile}: plan.${path.join('.')}`;
  try {
    return await loadPlanFile({ plan, place }, join(folder, planFile));
  } catch (error) {
    if (!(error instanceof InputError) || error.place.startsWith(resultFile)) throw error;
    const what = `${plan.case.source} with ${plan.machine} can no longer be read`;
    const allowed = `both where they were for ${join(folder, planFile)}`;
    throw new InputError(place(['case']), `${what}: ${error.message}; allowed: ${allowed}`);
  }
}

function isocentreOf({ beams }: Fluence): Vec3 {
  return beams[0].isocenterMm;
}
