import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { threadExecutor } from '@isola/kernels/backends';
import { InputError } from '@isola/optimizers/problem';
import { planFluence } from '@isola/planning/searches';
import type { Command } from 'commander';
import colors from 'picocolors';
import { loadPlan } from '../inputs/load-plan.js';
import { checkWritable, type ResultJson, resultJson, writeResult } from '../results/result-folder.js';
import { summarise } from '../results/summary.js';
import { EXIT } from '../terminal/exit-code.js';
import { goalsTable } from '../terminal/goals-table.js';
import { progressLine } from '../terminal/progress.js';
import { stopwatch } from '../terminal/stopwatch.js';

interface Options {
  readonly out?: string;
  readonly threads?: string;
  readonly json?: boolean;
  readonly failOnGoals?: boolean;
}

/** `isola optimize PLAN`: optimises a plan and writes its result folder. */
export function addOptimize(program: Command): void {
  program
    .command('optimize')
    .description('optimise a plan file and write the plan, its dose and a report')
    .argument('<plan>', 'plan file (YAML)')
    .option('-o, --out <folder>', 'folder of the result (default: isola-out/NAME)')
    .option('-t, --threads <count>', 'threads; the plan does not depend on them (default: cores)')
    .option('--json', 'print one JSON object on stdout')
    .option('--fail-on-goals', `exit with ${EXIT.goalsUnmet} where a goal is not met`)
    .action(optimize);
}

async function optimize(path: string, options: Options): Promise<void> {
  const out = options.out ?? join('isola-out', basename(path).replace(/\.[^.]*$/, ''));
  const threads = threadCount(options.threads);
  const clock = stopwatch();
  const loaded = loadPlan(path);
  checkWritable(out);
  clock.lap('read case');
  const executor = threadExecutor(threads);
  const progress = progressLine();
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once('SIGINT', stop);
  let phase = '';
  try {
    const result = await planFluence(loaded.spec, executor, {
      signal: interrupt.signal,
      onPhase: (name, done, total) => {
        if (phase !== '' && name !== phase) clock.lap(phase);
        phase = name;
        if (name !== 'optimisation') progress.update(name, done, total);
      },
      onIteration: ({ iteration, value }) => {
        const text = `optimisation ${iteration}: cost ${value.toPrecision(6)}`;
        progress.update(text, iteration, loaded.spec.maxIterations);
      },
    });
    clock.lap(phase);
    progress.stop();
    const summary = summarise(result, loaded.goals, loaded.plan.prescription);
    const json = resultJson(loaded, result, summary, clock.laps);
    writeResult(out, loaded, result, summary, json);
    clock.lap('report');
    print(json, out, options.json === true);
    process.exitCode = exitCode(json, options.failOnGoals === true);
  } finally {
    progress.stop();
    process.removeListener('SIGINT', stop);
    await executor.close();
  }
}

/** @throws InputError unless it is a whole number from 1 to 256 */
function threadCount(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 256) return count;
  throw new InputError('--threads', `"${text}" is not allowed; allowed: a whole number 1 to 256`);
}

function print(json: ResultJson, out: string, asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ ...json, out })}\n`);
    return;
  }
  const seconds = json.timings.reduce((sum, lap) => sum + lap.seconds, 0);
  const met = json.goals.filter((goal) => goal.met).length;
  if (json.goals.length > 0) process.stdout.write(`${goalsTable(json.goals)}\n`);
  process.stdout.write(
    [
      `${met} of ${json.goals.length} goals met; ${json.status} after ${json.iterations} ` +
        `iterations, cost ${json.objective.toPrecision(6)}; ${seconds.toFixed(1)} s`,
      `report    ${colors.bold(join(out, 'report.html'))}`,
      `planHash  ${json.planHash}`,
      'Not for clinical use. Ideal fluence, not yet deliverable.',
      '',
    ].join('\n'),
  );
}

function exitCode(json: ResultJson, failOnGoals: boolean): number {
  if (json.status === 'cancelled') return EXIT.cancelled;
  if (failOnGoals && json.goals.some((goal) => !goal.met)) return EXIT.goalsUnmet;
  return json.status === 'non-finite' || json.status === 'infeasible' ? EXIT.failed : EXIT.done;
}
