/** How soon the fluence is optimised: to given costs, and plans of examples/ phase by phase. */
import { type Executor, threadExecutor } from '@isola/kernels/backends';
import { planFluence } from '@isola/planning/searches';
import { loadPlan } from '@isola/worker/plans';
import { absent, matradFolder, OPENKBP_PATIENTS, openKbpFolder } from '../inputs/dose-cases.js';
import { examplePlan } from '../inputs/places.js';
import type { Bench, BenchOptions, Figures, Records } from '../measurement/bench.js';
import { PhaseClock } from '../measurement/phase-clock.js';
import { timingOf } from '../measurement/timing.js';
import { type MatradFluence, METHODS, matradFluence, type TracePoint } from './matrad-fluence.js';

export const fluence: Bench = {
  name: 'fluence',
  summary: 'iterations and seconds to given costs; seconds of whole plans by phase',
  run: async (options, records) => {
    const executor = threadExecutor(options.threads);
    try {
      await measureMatrad(options, executor, records);
      await measurePlans(options, executor, records);
    } finally {
      await executor.close();
    }
  },
};

async function measureMatrad(
  { isFull, dataFolder }: BenchOptions,
  executor: Executor,
  records: Records,
): Promise<void> {
  const folder = matradFolder(dataFolder);
  if (absent(folder) !== null) {
    records.leaveOut('matRad cshape', `${folder} does not exist`);
    return;
  }
  let problem: MatradFluence;
  for (const method of METHODS) {
    let runs: TracePoint[][] | undefined;
    const traced = async () => {
      problem ??= await matradFluence(folder, executor);
      if (runs !== undefined) return runs;
      runs = [];
      for (let i = 0; i < (isFull ? 3 : 1); i++) runs.push(await problem.trace(method));
      return runs;
    };
    await records.add(`matRad cshape, ${method}, to matRad's cost`, async () =>
      arrival(await traced(), problem.goals.matrad, executor.threads),
    );
    await records.add(`matRad cshape, ${method}, to 0.1 % above the best`, async () =>
      arrival(await traced(), problem.goals.nearBest, executor.threads),
    );
  }
}

/** When the runs, which differ in time only, first had the cost or a lower one. */
function arrival(runs: readonly TracePoint[][], cost: number, threads: number): Figures {
  const points = runs.map((run) => run.find((point) => point.cost <= cost));
  const [first] = points;
  if (first === undefined) throw new Error(`the cost ${cost} was not reached`);
  const time = timingOf(points.map(({ seconds } = first) => seconds * 1000));
  return {
    ...{ threads, cost, iterations: first.iteration, evaluations: first.evaluations },
    ...{ seconds: time.minMs / 1000, medianSeconds: time.medianMs / 1000 },
  };
}

async function measurePlans(
  { isFull, dataFolder }: BenchOptions,
  executor: Executor,
  records: Records,
): Promise<void> {
  await records.add('tg119-c-shape', () => phases('tg119-c-shape', executor));
  if (!isFull) return;
  for (const patient of OPENKBP_PATIENTS) {
    const missing = absent(openKbpFolder(dataFolder, patient));
    const plan = `openkbp-${patient}`;
    if (missing !== null) records.leaveOut(plan, `${missing} does not exist`);
    else await records.add(plan, () => phases(plan, executor));
  }
}

/** Plans an example once, as a user does, without a warm-up. */
async function phases(plan: string, executor: Executor): Promise<Figures> {
  const clock = new PhaseClock();
  clock.show('read case');
  const { spec } = await loadPlan(examplePlan(plan));
  const { minimum, influence } = await planFluence(spec, executor, {
    onPhase: (phase) => clock.show(phase),
  });
  clock.show(null);
  const seconds = (phase: string) => clock.seconds(phase);
  return {
    ...{ threads: executor.threads, nonzeros: influence.nonzeros },
    ...{ iterations: minimum.iterations, cost: minimum.value },
    readCaseS: seconds('read case'),
    beamDataS: seconds('beam data'),
    influenceS: seconds('dose influence'),
    optimisationS: seconds('optimisation'),
    finalDoseS: seconds('final dose'),
    totalS: clock.totalSeconds(),
  };
}
