/** Our optimisers on the classic functions. */
import {
  annealing,
  cmaEs,
  differentialEvolution,
  type GeneticOptions,
  genetic,
  minimise,
  type Optimizer,
} from '@isola/optimizers/algorithms';
import type { Problem } from '@isola/optimizers/problem';
import { anyPoint, type Run, TARGETS, type Task } from './runs.js';

export const LIBRARY = 'Isola';

/** One of our methods, and which of other libraries are the same algorithm. */
export interface OurMethod {
  readonly family: string;
  readonly method: string;
  make(task: Task): Optimizer<unknown>;
  /** It starts at the best of so many points, as its peers do. Default 1. */
  readonly firstPoints?: (dimension: number) => number;
  /** Library and method. */
  readonly peers: readonly (readonly [library: string, method: string])[];
}

/** The settings that pygmo's `sga` has with crossover `sbx`, to compare the algorithms alone. */
const SGA_SBX: GeneticOptions = {
  ...{ population: 50, elites: 50, selection: { kind: 'tournament', size: 2 } },
  crossover: { kind: 'simulated-binary', index: 1, variableProbability: 0.5 },
  crossoverProbability: 0.9,
  mutation: { kind: 'polynomial', index: 1 },
  mutationProbability: 0.02,
};

/** As they come, but never over before the budget is spent, as the peers. */
export const OURS: readonly OurMethod[] = [
  {
    ...{ family: 'cma-es', method: 'cma-es', peers: [['pygmo', 'cmaes']] },
    firstPoints: (dimension) => 4 + Math.floor(3 * Math.log(dimension)),
    make: () => cmaEs({ valueTolerance: 0 }) as Optimizer<unknown>,
  },
  {
    ...{ family: 'cma-es', method: 'cma-es bipop', peers: [['pycma', 'bipop']] },
    make: () => cmaEs({ restarts: 'bipop' }) as Optimizer<unknown>,
  },
  {
    ...{ family: 'de', method: 'de' },
    peers: [
      ['pygmo', 'de'],
      ['pygmo', 'sade'],
      ['pygmo', 'de1220'],
    ],
    make: () => differentialEvolution({ valueTolerance: 0 }) as Optimizer<unknown>,
  },
  {
    ...{ family: 'ga', method: 'genetic' },
    peers: [
      ['pygmo', 'sga'],
      ['pygmo', 'sga sbx'],
    ],
    make: () => genetic({ valueTolerance: 0 }) as Optimizer<unknown>,
  },
  {
    ...{ family: 'ga', method: 'genetic as sga sbx', peers: [['pygmo', 'sga sbx']] },
    make: () => genetic({ valueTolerance: 0, ...SGA_SBX }) as Optimizer<unknown>,
  },
  {
    ...{ family: 'sa', method: 'annealing' },
    peers: [
      ['pygmo', 'simulated_annealing'],
      ['pygmo', 'simulated_annealing cold'],
    ],
    make: ({ budget }) => annealing({ reheats: budget }) as Optimizer<unknown>,
  },
];

export async function ourRun(our: OurMethod, task: Task, seed: number): Promise<Run> {
  const { classic, dimension, budget } = task;
  const hits: (number | null)[] = TARGETS.map(() => null);
  const [lower, upper] = [classic.lower, classic.upper].map((bound) =>
    new Float64Array(dimension).fill(bound),
  );
  let evaluations = 0;
  const valueAt = (x: Float64Array) => {
    evaluations++;
    const value = classic.value(x);
    for (const [k, target] of TARGETS.entries()) if (value <= target) hits[k] ??= evaluations;
    return value;
  };
  const problem: Problem = { size: dimension, lower, upper, value: async (x) => valueAt(x) };
  const start = startOf(task, seed, our.firstPoints?.(dimension) ?? 1, valueAt);
  const { value } = await minimise(our.make(task), problem, start, {
    ...{ seed, maxIterations: budget, maxEvaluations: budget - evaluations },
    targetValue: TARGETS[TARGETS.length - 1],
  });
  const place = { function: classic.name, dimension, method: our.method, library: LIBRARY, seed };
  return { ...place, best: value, hits, failure: null };
}

/** The best of some points; their costs count, but for that of a lone one. */
function startOf(
  task: Task,
  seed: number,
  count: number,
  valueAt: (x: Float64Array) => number,
): Float64Array {
  let start = anyPoint(task, seed);
  if (count === 1) return start;
  let least = valueAt(start);
  for (let place = 1; place < count; place++) {
    const x = anyPoint(task, seed, place);
    const value = valueAt(x);
    if (value < least) [start, least] = [x, value];
  }
  return start;
}
