import { doseNifti } from '@isola/formats/nifti';
import { type Fluence, type ResultJson, readFluence } from '@isola/formats/result';
import { InputError } from '@isola/optimizers/problem';
import type { Beam } from '@isola/planning/beams';
import { doseOfWeights, type PlanBeams, planBeams } from '@isola/planning/searches';
import { dvhCsv } from '@isola/reporting';
import { inPlanFile, loadPlan } from '@isola/worker/plans';
import type { Command } from 'commander';
import colors from 'picocolors';
import { checkWritable, defaultFolder, writeFiles } from '../results/output-folder.js';
import { planHash } from '../results/plan-hash.js';
import { judgement, NOTES, versions } from '../results/result-json.js';
import { summarise } from '../results/summary.js';
import { goalsTable } from '../terminal/goals-table.js';
import { jsonOption, threadsOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { inSession } from '../terminal/session.js';

interface Options {
  readonly fluence?: string;
  readonly out?: string;
  readonly threads: number;
  readonly json?: boolean;
}

/** `isola dose PLAN`: the dose of given weights, without optimising. */
export function addDose(program: Command): void {
  program
    .command('dose')
    .description("compute the dose of a plan's beams for given weights, on the final grid")
    .argument('<plan>', 'plan file (YAML)')
    .option('-f, --fluence <file>', 'fluence.json of a result (default: weight 1 everywhere)')
    .option('-o, --out <folder>', 'folder of the dose (default: isola-out/NAME-dose)')
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(dose);
}

async function dose(path: string, options: Options): Promise<void> {
  const out = options.out ?? `${defaultFolder(path)}-dose`;
  const { json, seconds } = await inSession(options.threads, async (session) => {
    session.show('read case', 0);
    const { file, spec, plan, goals, search } = await loadPlan(path);
    if (search !== null) {
      const problem = 'beams without angles have no dose; allowed: gantryDeg instead of count';
      throw new InputError(file.place(['beams', 'count']), problem);
    }
    const beams = await inPlanFile(file, () => planBeams(spec));
    const weights = weightsFor(beams, options.fluence);
    checkWritable(out);
    session.show('final dose', 0);
    const weighted = await doseOfWeights(spec, beams, weights, session.executor, (done, total) =>
      session.show('final dose', done / total),
    );
    session.show('files', 0);
    const { doseGy, voxels } = weighted.final;
    const summary = summarise(weighted, goals, plan.prescription);
    const content = {
      format: 'isola-dose/1',
      notes: NOTES,
      planHash: planHash(weights, doseGy),
      ...judgement(summary),
      timings: session.timings,
      versions: versions(),
      plan,
    };
    writeFiles(out, [
      ['dose.nii.gz', doseNifti(doseGy, voxels.grid)],
      ['dvh.csv', dvhCsv(summary.dvhs)],
      ['dose.json', `${JSON.stringify(content, null, 2)}\n`],
    ]);
    return { json: content, seconds: session.seconds() };
  });
  if (options.json) printJson({ ...json, out });
  else print(json, out, seconds);
}

function print(json: Pick<ResultJson, 'goals' | 'planHash'>, out: string, seconds: number): void {
  if (json.goals.length > 0) process.stdout.write(`${goalsTable(json.goals)}\n\n`);
  const lines = [
    `dose      ${colors.bold(out)}  ${seconds.toFixed(1)} s`,
    `planHash  ${json.planHash}`,
    'Not for clinical use.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The weights of a fluence.json, or 1 for every beamlet. */
function weightsFor({ beams }: PlanBeams, fluenceFile: string | undefined): Float64Array {
  const count = beams.reduce((sum, { xMm }) => sum + xMm.length, 0);
  if (fluenceFile === undefined) return new Float64Array(count).fill(1);
  const fluence = readFluence(fluenceFile);
  checkFit(fluence, beams, fluenceFile);
  return fluence.weights;
}

/** @throws InputError where the fluence's beams are not those of the plan */
function checkFit({ beams: given }: Fluence, beams: readonly Beam[], file: string): void {
  if (given.length !== beams.length) {
    const problem = `has ${given.length} beams; the plan has ${beams.length}`;
    throw new InputError(`${file}: beams`, problem);
  }
  const settings = ['gantryDeg', 'couchDeg', 'collimatorDeg', 'isocenterMm', 'beamletMm'] as const;
  beams.forEach((beam, b) => {
    const place = `${file}: beams.${b}`;
    const was = given[b];
    for (const key of settings) {
      if (String(was[key]) === String(beam[key])) continue;
      throw new InputError(`${place}.${key}`, `is ${was[key]}; the plan gives ${beam[key]}`);
    }
    if (equal(was.xMm, beam.xMm) && equal(was.zMm, beam.zMm)) return;
    const [ours, theirs] = [beam.xMm.length, was.xMm.length];
    throw new InputError(place, `has ${theirs} beamlets that are not the ${ours} of the plan`);
  });
}

function equal(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
