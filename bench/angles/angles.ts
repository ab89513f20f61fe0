/** Searches for 5 and 7 of 72 coplanar beams, beside other ways to choose them. */
import { type Executor, threadExecutor } from '@isola/kernels/backends';
import type { BeamCache, FluenceSpec } from '@isola/planning/searches';
import type { Bench, BenchOptions, Figures, Records } from '../measurement/bench.js';
import { median } from '../measurement/median.js';
import { type AngleCase, angleCases, CANDIDATES, coplanar } from './cases.js';
import { Converged } from './converged.js';
import { equispaced, type Found, fourPi, islands, random } from './methods.js';
import { memoryCache, type SearchCase, searchCase } from './search-case.js';
import { smallPool } from './small-pool.js';

/** How much is run. */
interface Extent {
  readonly seeds: number;
  readonly randomSets: number;
  /** What the epochs of a case are multiplied with. */
  readonly epochs: number;
}

const SHORT: Extent = { seeds: 3, randomSets: 100, epochs: 1 };
const FULL: Extent = { seeds: 5, randomSets: 500, epochs: 4 };
const COUNTS = [5, 7];

export const angles: Bench = {
  name: 'angles',
  summary: 'beam-angle searches beside equispaced, random and group-sparse sets of beams',
  run: async (options, records) => {
    for (const angleCase of angleCases(options.dataFolder)) {
      if (angleCase.missing === null) await measureCase(angleCase, options, records);
      else records.leaveOut(angleCase.name, `${angleCase.missing} does not exist`);
    }
    await measureSmallPool(options, records);
  },
};

async function measureCase(
  angleCase: AngleCase,
  { isFull, threads }: BenchOptions,
  records: Records,
): Promise<void> {
  const executor = threadExecutor(threads);
  const cache = memoryCache();
  let influenceSeconds = 0;
  try {
    const fluence = await angleCase.load();
    for (const count of COUNTS) {
      const of = await searchCase(fluence, CANDIDATES, count, executor, cache);
      influenceSeconds ||= of.influenceSeconds;
      const run = { name: angleCase.name, fluence, count, of, influenceSeconds, executor };
      await measureMethods(run, angleCase.extent, isFull ? FULL : SHORT, records);
    }
  } finally {
    await executor.close();
  }
}

interface CaseRun {
  readonly name: string;
  readonly fluence: FluenceSpec;
  readonly count: number;
  readonly of: SearchCase;
  readonly influenceSeconds: number;
  readonly executor: Executor;
}

async function measureMethods(
  run: CaseRun,
  extent: AngleCase['extent'],
  { seeds, randomSets, epochs }: Extent,
  records: Records,
): Promise<void> {
  const { name, count, of } = run;
  const converged = new Converged(run.fluence, CANDIDATES, run.executor);
  const bySeed = async (find: (seed: number) => Promise<Found>) => {
    const found: Found[] = [];
    for (let seed = 1; seed <= seeds; seed++) found.push(await find(seed));
    return found;
  };
  const methods: Record<string, () => Promise<Found[]>> = {
    islands: () => bySeed((seed) => islands(of, seed, extent.islands, epochs * extent.epochs)),
    equispaced: async () => [await equispaced(of, count)],
    'four-pi': async () => [await fourPi(of)],
    random: async () => [await random(of, count, randomSets, 1)],
  };
  for (const [method, find] of Object.entries(methods)) {
    await records.add(`${name}, ${count} beams: ${method}`, async () => {
      const found = await find();
      return { case: name, beams: count, method, ...(await figures(run, found, converged)) };
    });
  }
}

/**
 * Figures of a method's runs. The objectives are those of the best sets on all voxels, at their
 * optimum; `mostAbovePercent` is what the weights that the search left them with cost more, the
 * greatest of these sets. The seconds of all runs and of all candidates' dose influence, once,
 * make `setsPerMinute`.
 */
async function figures(
  { influenceSeconds }: CaseRun,
  found: readonly Found[],
  converged: Converged,
): Promise<Figures> {
  const sum = (of: (found: Found) => number) => found.reduce((all, each) => all + of(each), 0);
  const costs = [];
  for (const { best } of found) costs.push(await converged.costs(best));
  const optima = costs.map(({ optimum }) => optimum);
  const seconds = sum((each) => each.seconds);
  const sets = sum(({ tally }) => tally.optimised);
  const gigabytes = sum(({ tally }) => tally.bytes) / 1e9;
  return {
    ...{ seeds: found.length, medianObjective: median(optima) },
    ...{ leastObjective: Math.min(...optima), mostObjective: Math.max(...optima) },
    mostAbovePercent: Math.max(...costs.map((cost) => 100 * (cost.found / cost.optimum - 1))),
    setsPerMinute: (60 * sets) / (seconds + influenceSeconds),
    setsPerMinuteWithoutInfluence: (60 * sets) / seconds,
    ...{ sets, screened: sum(({ tally }) => tally.screened), seconds, influenceSeconds },
    evaluationsPerSet: sum(({ tally }) => tally.evaluations) / sets,
    coarseEvaluationsPerSet: sum(({ tally }) => tally.coarseEvaluations) / sets,
    ...{ gigabytesPerSet: gigabytes / sets, gigabytesPerSecond: gigabytes / seconds },
    angles: found.map(({ best }) => best.beams.map((beam) => 5 * beam).join(' ')).join('; '),
  };
}

async function measureSmallPool({ dataFolder, threads }: BenchOptions, records: Records) {
  const executor = threadExecutor(threads);
  const cache: BeamCache = memoryCache();
  try {
    await records.add('c-shape, 4 of 12 beams', async () => {
      const fluence = await angleCases(dataFolder)[0].load();
      return smallPool(await searchCase(fluence, coplanar(12), 4, executor, cache));
    });
  } finally {
    await executor.close();
  }
}
