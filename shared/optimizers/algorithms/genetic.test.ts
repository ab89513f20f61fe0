import { describe, expect, it } from 'vitest';
import { type GeneticOptions, genetic, minimise, populationMethod } from './index.js';
import * as costs from './toy-costs.js';

const sphere = costs.boxProblem(10, -5.12, 5.12, costs.sphere);
const rastrigin = costs.boxProblem(10, -5.12, 5.12, costs.rastrigin);
const schwefel = costs.boxProblem(10, -500, 500, costs.schwefel);

describe('genetic', () => {
  it.each([
    ['sphere', sphere, 1e-4],
    ['Rastrigin', rastrigin, 1e-2],
    ['Schwefel', schwefel, 1e-1],
  ])('as it comes finds the least of many minima: %s', async (_, problem, most) => {
    for (const seed of [1, 2, 3]) {
      const start = problem.upper.map((x) => x / 2);
      const options = { seed, maxIterations: 600, targetValue: most };
      const { value } = await minimise(genetic(), problem, start, options);
      expect(value).toBeLessThanOrEqual(most);
    }
  });

  it('evaluates a population at the start and in every generation', async () => {
    const options = { seed: 1, maxIterations: 7 };
    const run = await minimise(genetic({ population: 9 }), sphere, new Float64Array(10), options);
    expect(run.evaluations).toBe(8 * 9);
  });

  it('keeps its elites, the best in front', async () => {
    const optimizer = genetic({ population: 12, elites: 5, mutation: { kind: 'uniform' } });
    let state = await optimizer.init(sphere, new Float64Array(10).fill(4), 3);
    for (let k = 0; k < 20; k++) {
      const elites = [...state.values].sort((a, b) => a - b).slice(0, 5);
      state = await optimizer.step(sphere, state);
      const values = [...state.values];
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      for (const [rank, value] of elites.entries()) {
        expect(values[rank]).toBeLessThanOrEqual(value);
      }
    }
  });

  it('goes another way from another seed, the same from the same', async () => {
    const from = async (seed: number) => {
      const start = new Float64Array(10).fill(1);
      return genetic().step(sphere, await genetic().init(sphere, start, seed));
    };
    expect(await from(1)).toEqual(await from(1));
    expect((await from(1)).population).not.toEqual((await from(2)).population);
  });

  it('lives on an island: who comes in is a parent of the next generation', async () => {
    const { optimizer, individuals, withIndividuals } = populationMethod(genetic());
    const state = await optimizer.init(sphere, new Float64Array(10).fill(5), 1);
    const residents = individuals(state);
    const hero = { x: new Float64Array(10), value: 0 };
    const joined = withIndividuals(state, [...residents.slice(0, -1), hero]);
    expect(optimizer.best(joined)).toEqual(hero);
    expect(optimizer.best(await optimizer.step(sphere, joined))).toEqual(hero);
  });

  it.each<[GeneticOptions, string]>([
    [{ population: 1 }, 'genetic.population: is 1; allowed: an integer of 2 or more'],
    [{ population: 4, elites: 5 }, 'genetic.elites: is 5; allowed: an integer from 1 to the popu'],
    [{ elites: 0 }, 'genetic.elites: is 0'],
    [{ crossoverProbability: 1.5 }, 'genetic.crossoverProbability: is 1.5; allowed: 0 to 1'],
    [{ mutationProbability: NaN }, 'genetic.mutationProbability: is NaN; allowed: 0 to 1'],
    [{ selection: { kind: 'tournament', size: 0 } }, 'genetic.selection.size: is 0'],
    [{ crossover: { kind: 'simulated-binary', index: -1 } }, 'genetic.crossover.index: is -1'],
    [{ mutation: { kind: 'gaussian', part: 0 } }, 'genetic.mutation.part: is 0'],
    [{ initialRadius: 0 }, 'genetic.initialRadius: is 0'],
    [{ valueTolerance: -1 }, 'genetic.valueTolerance: is -1'],
  ])('does not begin with %o', (options, message) => {
    expect(() => genetic(options)).toThrow(message);
  });

  it('asks for a radius where a range is infinite', async () => {
    const open = { ...sphere, upper: sphere.upper.map(() => Infinity) };
    await expect(genetic().init(open, new Float64Array(10), 1)).rejects.toThrow(
      'genetic.initialRadius: is not given; needed, as variable 0 ranges from -5.12 to Infinity',
    );
  });
});
