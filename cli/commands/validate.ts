import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readMatradBasedata, readMatradMachine } from '@isola/formats/matlab';
import {
  type MatradReference,
  readReference,
  readReferenceMachine,
} from '@isola/formats/reference';
import { InputError } from '@isola/optimizers/problem';
import { doseInfluence, doseMap, prepareDose } from '@isola/planning/dose';
import type { Machine } from '@isola/planning/machines';
import { fluenceProblem } from '@isola/planning/problem';
import { type Command, Option } from 'commander';
import { Convergence } from '../terminal/convergence.js';
import { EXIT } from '../terminal/exit-code.js';
import { jsonOption, threadsOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { inSession, type Session } from '../terminal/session.js';
import { agreement } from '../validation/agreement.js';
import { findOptimum, type KnownCosts, MAX_ITERATIONS, NEAR_BEST } from '../validation/optimum.js';
import { referenceProblem } from '../validation/reference-problem.js';
import { isWithinLimits, LIMITS, type Validation, validationTable } from '../validation/verdict.js';

interface Options {
  readonly machine?: string;
  readonly threads: number;
  readonly json?: boolean;
}

/** `isola validate DIR`: compares engine and optimiser with a case of another planning system. */
export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('compare dose and optimum with a reference case worked out by matRad')
    .argument('<folder>', 'reference case: meta.json, beams.json and files of numbers')
    .addOption(
      new Option('-m, --machine <file>', 'matRad machine: .mat or .json (default: basedata)'),
    )
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(validate);
}

async function validate(folder: string, { machine, threads, json }: Options): Promise<void> {
  const validation = await inSession(threads, (session) => {
    session.show('read case', 0);
    const reference = readReference(folder);
    const used = readMachine(folder, machine, reference);
    return compare(reference, used, knownCosts(reference, folder), folder, session);
  });
  if (json) printJson(validation);
  else process.stdout.write(`${validationTable(validation)}\n`);
  process.exitCode = validation.withinLimits ? EXIT.done : EXIT.failed;
}

async function compare(
  reference: MatradReference,
  machine: Machine,
  known: KnownCosts,
  folder: string,
  { executor, show }: Session,
): Promise<Validation> {
  const problemSpec = referenceProblem(reference, machine, folder);
  const startedMs = performance.now();
  const during = (phase: string) => (done: number, total: number) => show(phase, done / total);
  const prepared = await prepareDose(problemSpec.dose, executor, during('beam data'));
  const influence = await doseInfluence(prepared, executor, during('dose influence'));
  const doseInfluenceSeconds = (performance.now() - startedMs) / 1000;
  const problem = fluenceProblem(doseMap(influence), problemSpec.terms.terms);
  const { voxels } = problemSpec.dose.voxels;
  const errors = await agreement(reference, influence, voxels, problem);
  const main = { prepared, influence, problem };
  const convergence = new Convergence(NEAR_BEST, MAX_ITERATIONS);
  show('optimisation', 0);
  const optimum = await findOptimum(problemSpec, main, known, executor, ({ iteration, value }) =>
    show('optimisation', convergence.part(iteration, value), `cost ${value.toPrecision(5)}`),
  );
  return {
    case: reference.case.name,
    threads: executor.threads,
    nnz: influence.nonzeros,
    nnzReference: reference.dijNonzeros,
    ...errors,
    doseInfluenceSeconds,
    optimum,
    limits: LIMITS,
    withinLimits: isWithinLimits(errors),
  };
}

function readMachine(
  folder: string,
  given: string | undefined,
  { sadMm }: MatradReference,
): Machine {
  const machine = given === undefined ? machineBeside(folder) : machineOf(given);
  if (machine.sadMm === sadMm) return machine;
  const problem = `has a source-axis distance of ${machine.sadMm} mm; the case has ${sadMm} mm`;
  throw new InputError(given ?? join(folder, 'basedata'), problem);
}

function machineOf(file: string): Machine {
  if (file.endsWith('.mat')) return readMatradMachine(file);
  if (file.endsWith('.json')) return readMatradBasedata(file);
  throw new InputError('--machine', `"${file}" is not allowed; allowed: FILE.mat or FILE.json`);
}

function machineBeside(folder: string): Machine {
  const places = [join(folder, 'basedata'), join(folder, '..', 'basedata')];
  if (places.some((place) => existsSync(place))) return readReferenceMachine(folder);
  const problem = `there is no machine: neither ${places.join(' nor ')} exists`;
  throw new InputError(folder, `${problem}; allowed: one of them, or --machine FILE`);
}

/** @throws InputError where the reference has no objective to reach */
function knownCosts({ optimizations, bestKnown }: MatradReference, folder: string): KnownCosts {
  const found = optimizations.find(
    ({ variant, mode }) => variant === 'default' && mode === 'matRadDefault',
  );
  if (found !== undefined) {
    return { reference: found.objective, bestKnown: bestKnown?.objective ?? null };
  }
  const problem = 'has no entry of variant default and mode matRadDefault; one is needed';
  throw new InputError(`${join(folder, 'meta.json')}: optimization`, problem);
}
