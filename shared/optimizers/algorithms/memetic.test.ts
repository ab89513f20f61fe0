import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DifferentiableProblem } from '../problem/index.js';
import {
  type Best,
  differentialEvolution,
  type MemeticOptions,
  memetic,
  minimise,
  neighbourhoodPopulation,
  type PopulationMethod,
  polish,
  populationMethod,
} from './index.js';
import { toy } from './neighbourhood-toy.js';

const SIZE = 5;
/** Rosenbrock's function in a box: 0 at 1. */
const rosenbrock: DifferentiableProblem = {
  size: SIZE,
  lower: new Float64Array(SIZE).fill(-2),
  upper: new Float64Array(SIZE).fill(2),
  value: async (x) => curvedValley(x, new Float64Array(SIZE)),
  valueAndGradient: async (x, gradient) => curvedValley(x, gradient),
};
function curvedValley(x: Float64Array, gradient: Float64Array): number {
  let sum = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const [bend, rest] = [x[i + 1] - x[i] * x[i], 1 - x[i]];
    sum += 100 * bend * bend + rest * rest;
    gradient[i] += -400 * bend * x[i] - 2 * rest;
    gradient[i + 1] += 200 * bend;
  }
  return sum;
}
const start = new Float64Array(SIZE).fill(-1.2);

const evolution = populationMethod(differentialEvolution({ populationSize: 8 }));
type Any = PopulationMethod<unknown, DifferentiableProblem>;
const neighbours = (options = {}) => neighbourhoodPopulation({ pairs: 2, ...options }) as Any;
const METHODS: Record<string, readonly [Any, DifferentiableProblem]> = {
  'differential evolution': [evolution as Any, rosenbrock],
  neighbourhood: [neighbours(), rosenbrock],
  'neighbourhood with moves': [neighbours(), toy(SIZE, 100, 20)],
  'neighbourhood without annealing': [neighbours({ samples: 0 }), rosenbrock],
};
const SETTINGS: readonly MemeticOptions[] = [
  { every: 2, count: 2, iterations: 3 },
  { every: 2, count: 2, iterations: 3, inheritance: 'baldwinian' },
  { every: 1, count: 50, iterations: 1, inheritance: 'baldwinian' },
];
const TABLE = Object.keys(METHODS).flatMap((name) =>
  SETTINGS.map((settings) => [name, settings] as const),
);

describe.each(TABLE)('polished: %s, %o', (name, settings) => {
  const [method, problem] = METHODS[name];
  const { optimizer } = memetic(method, settings);

  it('never worsens, tells a point with its own cost, continues bit for bit', async () => {
    let state = await optimizer.init(problem, start, 3);
    for (let k = 0; k < 10; k++) {
      const before = optimizer.best(state);
      const saved = structuredClone(state);
      const next = await optimizer.step(problem, state);
      expect(isDeepStrictEqual(state, saved)).toBe(true);
      state = await optimizer.step(problem, saved);
      expect(isDeepStrictEqual(state, next)).toBe(true);
      const { x, value } = optimizer.best(state);
      expect(value).toBeLessThanOrEqual(before.value);
      expect(value).toBeCloseTo(await problem.value(x), 6);
      expect(x.every((xi, i) => xi >= problem.lower[i] && xi <= problem.upper[i])).toBe(true);
    }
  });

  it('polishes the best after every so many steps only', async () => {
    const { every = 0, count = 0, iterations = 0, inheritance } = settings;
    const { individuals } = method;
    let state = await optimizer.init(problem, start, 3);
    for (let k = 1; k <= 4; k++) {
      const plain = individuals(await method.optimizer.step(problem, state.inner));
      state = await optimizer.step(problem, state);
      const ranks = [...plain.keys()].sort((a, b) => plain[a].value - plain[b].value);
      const chosen = k % every === 0 ? ranks.slice(0, count) : [];
      for (const [i, { x, value }] of individuals(state.inner).entries()) {
        const learnt = chosen.includes(i) ? await polish(problem, plain[i], iterations) : plain[i];
        expect(value).toBe(learnt.value);
        expect(x).toEqual(inheritance === 'baldwinian' ? plain[i].x : learnt.x);
        expect(value).toBeLessThanOrEqual(plain[i].value);
      }
    }
  });
});

describe('memetic search', () => {
  it('finds the minimum in fewer evaluations than the population alone', async () => {
    const options = { seed: 1, maxIterations: 5000, targetValue: 1e-6 };
    const polished = memetic(evolution, { every: 5, iterations: 20 }).optimizer;
    const alone = await minimise(evolution.optimizer, rosenbrock, start, options);
    const together = await minimise(polished, rosenbrock, start, options);
    expect([alone.status, together.status]).toEqual(['converged', 'converged']);
    expect(together.evaluations).toBeLessThan(alone.evaluations);
  });

  it('lets others in, whose best is its own from then on', async () => {
    const method = memetic(evolution);
    const state = await method.optimizer.init(rosenbrock, start, 1);
    const ones: Best = { x: new Float64Array(SIZE).fill(1), value: 0 };
    const individuals = method.individuals(state).map(() => ones);
    const next = method.withIndividuals(state, individuals);
    expect(method.individuals(next)).toEqual(individuals);
    expect(method.optimizer.best(next)).toEqual(ones);
  });

  it.each([
    [{ every: 0 }, 'every: is 0; allowed: an integer of 1 or more'],
    [{ count: 0 }, 'count: is 0; allowed: an integer of 1 or more'],
    [{ iterations: 0.5 }, 'iterations: is 0.5; allowed: an integer of 1 or more'],
  ])('refuses %o', (options, message) => {
    expect(() => memetic(evolution, options)).toThrow(message);
  });
});
