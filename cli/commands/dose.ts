import { doseNifti } from '@isola/formats/nifti';
import { type Fluence, readFluence } from '@isola/formats/result';
import { InputError } from '@isola/optimizers/problem';
import type { Beam } from '@isola/planning/beams';
import { doseOfWeights, type PlanBeams, planBeams } from '@isola/planning/searches';
import { dvhCsv } from '@isola/reporting';
import type { Command } from 'commander';
import colors from 'picocolors';
import { loadPlan } from '../inputs/load-plan.js';
import { inPlanFile } from '../inputs/plan-place.js';
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
  readonly json: boolean;
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
    const { file, spec, plan, goals } = await loadPlan(path);
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
  if (options.json) return printJson({ ...json, out });
  if (json.goals.length > 0) process.stdout.write(`${goalsTable(json.goals)}\n\n`);
  const lines = [`dose      ${colors.bold(out)}`, `planHash  ${json.planHash}`];
  process.stdout.write(`${lines.join('\n')}\n${seconds.toFixed(1)} s. Not for clinical use.\n`);
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
  beams.forEach((beam, b) => {
    const differing = (Object.keys(beam) as (keyof Beam)[]).find(
      (key) => text(given[b][key]) !== text(beam[key]),
    );
    if (differing === undefined) return;
    const [was, is] = [text(given[b][differing]), text(beam[differing])];
    throw new InputError(`${file}: beams.${b}.${differing}`, `is ${was}; the plan gives ${is}`);
  });
}

/** A beam's number or vector in full; of a list of beamlets its length and what it holds. */
function text(value: Beam[keyof Beam]): string {
  if (!(value instanceof Float64Array)) return String(value);
  const sum = value.reduce((total, x, j) => total + x * (j + 1), 0);
  return `a list of ${value.length} (checksum ${sum})`;
}
