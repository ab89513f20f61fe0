/** Laws of the optimisers that hold populations, and where they get to. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/index.js';
import {
  annealing,
  cmaEs,
  differentialEvolution,
  genetic,
  minimise,
  type Optimizer,
} from './index.js';
import { type Cost, rastrigin, rosenbrock } from './toy-costs.js';

type Range = readonly [lower: number, upper: number];
const INF = Infinity;

interface Case extends Problem {
  readonly start: Float64Array;
  /** The least cost within the bounds. */
  readonly minimum: number;
}

function problemOf(cost: Cost, ranges: readonly Range[], start: number, minimum: number): Case {
  return {
    ...{ size: ranges.length, minimum, start: new Float64Array(ranges.length).fill(start) },
    lower: Float64Array.from(ranges, ([low]) => low),
    upper: Float64Array.from(ranges, ([, high]) => high),
    value: async (x) => cost(x),
  };
}

const everywhere = (n: number, range: Range) => Array.from({ length: n }, () => range);
const distance: Cost = (x) => x.reduce((sum, xi) => sum + (xi - 3) ** 2, 0);

/** `n` ranges about 3 of which the first lie below it, above it, or hold nothing else. */
const tight: readonly Range[] = [
  [0, 1],
  [4, 4.0001],
  [3, 3],
  [2, 3],
  [-1e-9, 1e-9],
];

const CASES: Record<string, Case> = {
  'one variable': problemOf(distance, [[-10, 10]], -4, 0),
  'minimum inside': problemOf(distance, everywhere(5, [-10, 10]), -4, 0),
  'minimum in a corner': problemOf(distance, everywhere(6, [0, 1]), 0.5, 24),
  'tight bounds': problemOf(distance, tight, 9, 4 + 1 + 0 + 0 + (3 - 1e-9) ** 2),
  'all variables fixed': problemOf(distance, everywhere(3, [2, 2]), 0, 3),
  'bounds on one side': problemOf(
    distance,
    [
      [0, INF],
      [4, INF],
      [-INF, 2],
      [-INF, INF],
    ],
    1,
    2,
  ),
  Rosenbrock: problemOf(rosenbrock, everywhere(4, [-2, 2]), -1, 0),
  'Rosenbrock, minimum at bounds': problemOf(rosenbrock, everywhere(2, [-1.5, 0.5]), -1, 0.25),
  Rastrigin: problemOf(rastrigin, everywhere(2, [-5.12, 4]), 3, 0),
};

const METHODS: Record<string, Optimizer<unknown>> = {
  'CMA-ES': cmaEs({ initialStep: 3 }) as Optimizer<unknown>,
  'CMA-ES, IPOP': cmaEs({ initialStep: 3, restarts: 'ipop' }) as Optimizer<unknown>,
  'CMA-ES, BIPOP': cmaEs({ initialStep: 3, restarts: 'bipop' }) as Optimizer<unknown>,
  'DE, success history': differentialEvolution({ initialRadius: 9 }) as Optimizer<unknown>,
  'DE, jDE': differentialEvolution({ initialRadius: 9, adaptation: 'jde' }) as Optimizer<unknown>,
  'DE, best/1': differentialEvolution({
    ...{ initialRadius: 9, populationSize: 20, strategy: 'best/1', adaptation: 'jde' },
  }) as Optimizer<unknown>,
  'DE, current-to-best/1, fixed, least population': differentialEvolution({
    ...{ initialRadius: 9, populationSize: 4, strategy: 'current-to-best/1', adaptation: 'fixed' },
  }) as Optimizer<unknown>,
  'DE, current-to-pbest/1, least population': differentialEvolution({
    ...{ initialRadius: 9, populationSize: 4 },
  }) as Optimizer<unknown>,
  'Genetic algorithm': genetic({ initialRadius: 9 }) as Optimizer<unknown>,
  'Genetic algorithm, proportional, blend, gaussian, odd population': genetic({
    ...{ initialRadius: 9, population: 21, selection: { kind: 'proportional' } },
    ...{ crossover: { kind: 'blend' }, mutation: { kind: 'gaussian', part: 0.05 } },
  }) as Optimizer<unknown>,
  'Genetic algorithm, two-point, uniform, all elite': genetic({
    ...{ initialRadius: 9, population: 10, elites: 10, crossover: { kind: 'two-point' } },
    mutation: { kind: 'uniform' },
  }) as Optimizer<unknown>,
  'Genetic algorithm, one-point, least population': genetic({
    ...{ initialRadius: 9, population: 2, crossover: { kind: 'one-point' } },
  }) as Optimizer<unknown>,
  Annealing: annealing({ initialStep: 9 }) as Optimizer<unknown>,
  'Annealing, hot': annealing({
    ...{ initialStep: 9, initialTemperature: 100, cooling: 0.9, sweeps: 3 },
  }) as Optimizer<unknown>,
};

/** The case, but each point that is evaluated is handed to `see` first. */
function watched(problem: Case, see: (x: Float64Array) => void): Case {
  const value = (x: Float64Array) => {
    see(x);
    return problem.value(x);
  };
  return { ...problem, value };
}

const TABLE = Object.keys(METHODS).flatMap((method) =>
  Object.keys(CASES).map((name) => [method, name] as const),
);

describe.each(TABLE)('%s on: %s', (method, name) => {
  const [optimizer, problem] = [METHODS[method], CASES[name]];
  const { lower, upper, start } = problem;

  it('evaluates only within the bounds, and its best value never rises', async () => {
    const within = watched(problem, (x) => {
      expect(x.every((xi, i) => xi >= lower[i] && xi <= upper[i])).toBe(true);
    });
    let state = await optimizer.init(within, start, 7);
    for (let k = 0; k < 40 && optimizer.status(state) === 'running'; k++) {
      const before = optimizer.best(state);
      state = await optimizer.step(within, state);
      const after = optimizer.best(state);
      expect(after.value).toBeLessThanOrEqual(before.value);
      expect(await problem.value(after.x)).toBe(after.value);
    }
  });

  it('continues from a saved state bit for bit, with and without a batch of costs', async () => {
    // Annealing needs a cost before it knows what to try next.
    const hasMany = !method.startsWith('Annealing');
    const batched: Case = {
      ...problem,
      value: async () => Number.NaN,
      batchValue: async (candidates, out) => {
        for (const [k, x] of candidates.entries()) out[k] = await problem.value(x);
      },
    };
    let state = await optimizer.init(problem, start, 7);
    for (let k = 0; k < 40 && optimizer.status(state) === 'running'; k++) {
      const saved = structuredClone(state);
      const next = await optimizer.step(problem, state);
      expect(isDeepStrictEqual(state, saved)).toBe(true);
      state = await optimizer.step(hasMany ? batched : problem, saved);
      expect(isDeepStrictEqual(state, next)).toBe(true);
    }
  });
});

const STRONG = Object.keys(METHODS).filter(
  (name) => /^(CMA-ES|DE)/.test(name) && !name.includes('least population'),
);
const MULTIMODAL = ['CMA-ES, IPOP', 'CMA-ES, BIPOP', 'DE, success history', 'DE, jDE'];

describe.each(STRONG)('%s', (method) => {
  it.each(Object.keys(CASES).filter((name) => name !== 'Rastrigin' || MULTIMODAL.includes(method)))(
    'finds the minimum: %s',
    async (name) => {
      const problem = CASES[name];
      const { value } = await minimise(METHODS[method], problem, problem.start, {
        ...{ seed: 3, maxIterations: 100_000, maxEvaluations: 30_000 },
        targetValue: problem.minimum + 1e-9,
      });
      expect(value).toBeLessThan(problem.minimum + 1e-8);
      expect(value).toBeGreaterThan(problem.minimum - 1e-12);
    },
  );

  it('goes another way from another seed', async () => {
    const from = async (seed: number) => {
      const state = await METHODS[method].init(CASES.Rosenbrock, CASES.Rosenbrock.start, seed);
      return METHODS[method].best(await METHODS[method].step(CASES.Rosenbrock, state));
    };
    expect(await from(1)).toEqual(await from(1));
    expect((await from(1)).x).not.toEqual((await from(2)).x);
  });
});
