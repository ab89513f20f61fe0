import { join } from 'node:path';
import type { ResultJson } from '@isola/formats/result';
import { type FluenceEvents, type FluencePhase, planFluence } from '@isola/planning/searches';
import { inPlanFile, type LoadedPlan, loadPlan } from '@isola/worker/plans';
import type { Command } from 'commander';
import colors from 'picocolors';
import { type ClusterOptions, certsOption, identityOption } from '../cluster/cluster-options.js';
import type { PlannedPlan } from '../cluster/plan-on-cluster.js';
import { type FoundAngles, searchAngles } from '../local/search-angles.js';
import { checkWritable, defaultFolder } from '../results/output-folder.js';
import { writeResult } from '../results/result-folder.js';
import { resultJson } from '../results/result-json.js';
import { summarise } from '../results/summary.js';
import { Convergence } from '../terminal/convergence.js';
import { EXIT } from '../terminal/exit-code.js';
import { goalsTable } from '../terminal/goals-table.js';
import { cacheMemoryOption, jsonOption, MEBIBYTE, threadsOption } from '../terminal/options.js';
import { printJson } from '../terminal/print-json.js';
import { inSession, type Session } from '../terminal/session.js';

interface Options {
  readonly out?: string;
  readonly threads: number;
  readonly cache?: string;
  readonly cacheMemory: number;
  readonly json?: boolean;
  readonly failOnGoals?: boolean;
  readonly coordinator?: string;
  readonly certs?: string;
  readonly identity: string;
}

/** `isola optimize PLAN`: optimises a plan and writes its result folder. */
export function addOptimize(program: Command): void {
  program
    .command('optimize')
    .description('optimise a plan file and write the plan, its dose and a report')
    .argument('<plan>', 'plan file (YAML)')
    .option('-o, --out <folder>', 'folder of the result (default: isola-out/NAME)')
    .addOption(threadsOption())
    .option('--cache <folder>', 'keep the beams of a search there, for other runs')
    .addOption(cacheMemoryOption())
    .option('--coordinator <host:port,...>', 'let a cluster do it; the plan is the same')
    .addOption(certsOption())
    .addOption(identityOption())
    .addOption(jsonOption())
    .option('--fail-on-goals', `exit with ${EXIT.goalsUnmet} where a goal is not met`)
    .action(optimize);
}

async function optimize(path: string, options: Options): Promise<void> {
  const out = options.out ?? defaultFolder(path);
  const { json, seconds } = await inSession(options.threads, async (session) => {
    session.show('read case', 0);
    const loaded = await loadPlan(path);
    checkWritable(out);
    if (options.cache !== undefined) checkWritable(options.cache, '--cache');
    const { coordinator } = options;
    const { found, result } = await inPlanFile(loaded.file, () =>
      coordinator === undefined
        ? planHere(loaded, out, options, session)
        : planThere(loaded, { ...options, coordinator }, session),
    );
    session.show('report', 0);
    const summary = summarise(result, loaded.goals, loaded.plan.prescription);
    const search = found?.summary ?? null;
    const content = resultJson(out, loaded, result, summary, session.timings, search);
    writeResult(out, loaded, result, summary, content);
    return { json: content, seconds: session.seconds() };
  });
  if (options.json) printJson({ ...json, out });
  else print(json, out, seconds);
  process.exitCode = exitCode(json, options.failOnGoals === true);
}

/** What talks to clusters is only loaded where there is one. */
async function planThere(
  loaded: LoadedPlan,
  options: ClusterOptions,
  session: Session,
): Promise<PlannedPlan> {
  const { planOnCluster } = await import('../cluster/plan-on-cluster.js');
  const { clusterPlace } = await import('../cluster/security.js');
  return planOnCluster(loaded, clusterPlace(options), session);
}

async function planHere(
  loaded: LoadedPlan,
  out: string,
  options: Options,
  session: Session,
): Promise<PlannedPlan> {
  const found = await anglesOf(loaded, out, options, session);
  const spec = found === null ? loaded.spec : { ...loaded.spec, angles: found.angles };
  const result = await planFluence(spec, session.executor, events(loaded, session));
  return { found, result };
}

/** The beam angles where the plan asks to search for them, else null. */
async function anglesOf(
  loaded: LoadedPlan,
  out: string,
  { cache, cacheMemory }: Options,
  session: Session,
): Promise<FoundAngles | null> {
  if (loaded.search === null) return null;
  const places = { out, cacheFolder: cache ?? null, memoryBytes: MEBIBYTE * cacheMemory };
  return searchAngles(loaded, loaded.search, places, session);
}

/** Progress, and what Ctrl+C does: only while optimising there is something to keep. */
function events({ spec }: LoadedPlan, session: Session): FluenceEvents {
  const { tolerance, maxIterations } = spec;
  const convergence = new Convergence(tolerance, maxIterations);
  const optimisation: FluencePhase = 'optimisation';
  return {
    signal: session.signal,
    onPhase: (phase, done, total) => {
      session.keepsWork = phase === optimisation;
      session.show(phase, done / total);
    },
    onIteration: ({ iteration, value }) => {
      const detail = `cost ${value.toPrecision(5)}`;
      session.show(optimisation, convergence.part(iteration, value), detail);
      return letSignalsIn();
    },
  };
}

/** With one thread nothing else lets the event loop turn, and Ctrl+C is heard only there. */
function letSignalsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function print(json: ResultJson, out: string, seconds: number): void {
  const cost = json.objective?.toPrecision(6) ?? 'not finite';
  const met = json.goals.filter((goal) => goal.met).length;
  const goals = json.goals.length === 0 ? 'no goals' : `${met} of ${json.goals.length} goals met`;
  if (json.goals.length > 0) process.stdout.write(`${goalsTable(json.goals)}\n\n`);
  process.stdout.write(
    [
      `${goals}; ${json.status} after ${json.iterations} iterations, ` +
        `cost ${cost}; ${seconds.toFixed(1)} s`,
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
