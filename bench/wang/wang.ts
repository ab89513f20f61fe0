/** The GA/SA hybrid on the six cases of Wang, Huang & Bao (2009), beside its parts. */
import { type Executor, threadExecutor } from '@isola/kernels/backends';
import type { Bench, BenchOptions, Figures, Records } from '../measurement/bench.js';
import { type WangCase, wangCases } from './cases.js';
import { equalFigures, methodFigures, plainFigures } from './figures.js';
import { METHODS, type Method } from './methods.js';
import { type PlainRun, rowMatrix, runPlain } from './plain.js';
import { type Run, type RunLimits, runMethod } from './runs.js';
import { type WangProblem, wangProblem } from './wang-problem.js';

/** How much is run. */
interface Extent {
  readonly seeds: number;
  readonly limits: RunLimits;
  readonly plainSeconds: number;
}

const SHORT: Extent = {
  ...{ seeds: 10, limits: { candidates: 60_000, seconds: 5 }, plainSeconds: 5 },
};
const FULL: Extent = {
  ...{ seeds: 10, limits: { candidates: 300_000, seconds: 60 }, plainSeconds: 600 },
};

export const wang: Bench = {
  name: 'wang',
  summary: 'GA, SA and their hybrid on the cases of Wang et al. 2009, to their stop rule',
  run: async (options, records) => {
    const extent = options.isFull ? FULL : SHORT;
    for (const wangCase of wangCases) await measureCase(wangCase, extent, options, records);
  },
};

async function measureCase(
  wangCase: WangCase,
  extent: Extent,
  { threads }: BenchOptions,
  records: Records,
): Promise<void> {
  const executor = threadExecutor(threads);
  const { name } = wangCase;
  try {
    const problem = await wangProblem(wangCase, executor);
    await records.add(`${name}: case`, () => sizes(problem));
    const plain = await measurePlain(problem, extent, records);
    const runs = new Map<Method, readonly Run[]>();
    for (const method of METHODS) {
      await records.add(`${name}: ${method}`, async () => {
        const own = await runsOf(problem, executor, method, extent);
        runs.set(method, own);
        return { case: name, threads, ...methodFigures(own, wangCase, plain) };
      });
    }
    await compareParts(name, runs, extent, records);
  } finally {
    await executor.close();
  }
}

function sizes({ wangCase, influence }: WangProblem): Figures {
  const { published, voxelMm } = wangCase;
  const { rows, columns, nonzeros } = influence;
  return {
    ...{ fields: published.fields, variables: columns, constraints: published.constraints },
    ...{ voxels: rows, voxelMm, nonzeros },
    publishedSeconds: published.seconds,
    publishedIndexMillionPerSecond: published.indexMillionPerSecond,
  };
}

async function measurePlain(
  problem: WangProblem,
  { plainSeconds }: Extent,
  records: Records,
): Promise<PlainRun | null> {
  let plain: PlainRun | null = null;
  await records.add(`${problem.wangCase.name}: plain`, () => {
    plain = runPlain(problem, rowMatrix(problem.influence), 1, plainSeconds);
    return plainFigures(plain, problem.wangCase);
  });
  return plain;
}

async function runsOf(
  problem: WangProblem,
  executor: Executor,
  method: Method,
  { seeds, limits }: Extent,
): Promise<Run[]> {
  // Threads open the problem and compilers get ready.
  await runMethod(problem, executor, method, 0, { candidates: 0, seconds: 0 });
  const runs: Run[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    runs.push(await runMethod(problem, executor, method, seed, limits));
  }
  return runs;
}

/** The hybrid and each of its parts at equal numbers of candidates. */
async function compareParts(
  name: string,
  runs: ReadonlyMap<Method, readonly Run[]>,
  { limits }: Extent,
  records: Records,
): Promise<void> {
  const hybrid = runs.get('hybrid');
  for (const method of ['ga', 'sa'] as const) {
    const part = runs.get(method);
    if (hybrid === undefined || part === undefined) continue;
    await records.add(`${name}: hybrid and ${method} at equal candidates`, () =>
      equalFigures(hybrid, part, limits.candidates),
    );
  }
}
