import { isDeepStrictEqual } from 'node:util';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/index.js';
import {
  lbfgsb,
  minimise,
  type NeighbourhoodOptions,
  type NeighbourhoodState,
  neighbourhood,
  neighbourhoodPopulation,
} from './index.js';
import { isAccepted } from './neighbourhood-acceptance.js';
import { Sample } from './neighbourhood-sample.js';
import { checkedNeighbourhood } from './neighbourhood-settings.js';
import { toy } from './neighbourhood-toy.js';

const SIZE = 8;
const image = toy(SIZE, 120, 20);
const { coordinateMoves: _without, ...plain } = image;
const start = new Float64Array(SIZE).fill(1);

const MOVES: Record<string, NeighbourhoodOptions> = {
  uniform: { move: { kind: 'uniform', part: 0.1 } },
  adaptive: { move: { kind: 'adaptive' } },
  'heat bath': { move: { kind: 'heat-bath', relaxation: 1 } },
  'heat bath beyond the mean': { move: { kind: 'heat-bath', relaxation: 1.5 }, order: 'random' },
};
const VARIANTS: Record<string, NeighbourhoodOptions> = {
  ...MOVES,
  'as printed': {},
  'genetic algorithm': { samples: 0 },
  'parallel annealing': { evolution: false },
  'one pair, at temperature 0': { pairs: 1, temperature: 0 },
  'hot, blends': { temperature: 1e9, crossover: { kind: 'blend' }, crossoverProbability: 1 },
  'in strides': { order: 'strides', samples: 5 },
  'second children, blends': { secondChild: 'tested', crossover: { kind: 'blend' } },
  'second children against the first': { secondChild: 'tested', against: 'first' },
  'cooled every generation': { cooledEvery: 'generation', epochGenerations: 3 },
};
const few = (options: NeighbourhoodOptions): NeighbourhoodOptions => ({
  ...{ pairs: 3, epochGenerations: 4 },
  ...options,
});

/** The problem, with each point and price that is computed told to `see`. */
function seen(problem: Problem, see: (x: Float64Array) => void): Problem {
  const moves = problem.coordinateMoves;
  return {
    ...problem,
    value(x) {
      see(x);
      return problem.value(x);
    },
    ...(moves && {
      coordinateMoves: {
        ...moves,
        images(candidates, images, values) {
          candidates.forEach(see);
          return moves.images(candidates, images, values);
        },
        movingPoint() {
          const point = moves.movingPoint();
          const x = new Float64Array(problem.size);
          return {
            load(from, fromImage) {
              x.set(from);
              see(x);
              point.load(from, fromImage);
            },
            get value() {
              return point.value;
            },
            expect: (index, one, other) => point.expect(index, one, other),
            coordinateChange(index, to) {
              see(Float64Array.from(x, (xi, i) => (i === index ? to : xi)));
              return point.coordinateChange(index, to);
            },
            move(index, to) {
              x[index] = to;
              point.move(index, to);
            },
            save: (to, toImage) => point.save(to, toImage),
          };
        },
      },
    }),
  };
}

describe.each(Object.keys(VARIANTS))('the neighbourhood search, %s', (name) => {
  const method = neighbourhood(few(VARIANTS[name]));

  it.each([
    ['with', image],
    ['without', plain],
  ])('stays within bounds, never worsens, tells true costs %s moves', async (_name, problem) => {
    const within = seen(problem, (x) => {
      expect(x.every((xi, i) => xi >= problem.lower[i] && xi <= problem.upper[i])).toBe(true);
    });
    let state = await method.init(within, start, 7);
    for (let k = 0; k < 12; k++) {
      const before = method.best(state);
      state = await method.step(within, state);
      const after = method.best(state);
      expect(after.value).toBeLessThanOrEqual(before.value);
      expect(after.value).toBeCloseTo(await plain.value(after.x), 6);
      for (const [i, x] of state.population.entries()) {
        expect(state.values[i]).toBeCloseTo(await plain.value(x), 6);
      }
    }
  });

  it.each([
    ['with', image],
    ['without', plain],
  ])('continues from a saved state bit for bit %s moves', async (_name, problem) => {
    let state = await method.init(problem, start, 7);
    for (let k = 0; k < 9; k++) {
      const saved = structuredClone(state);
      const next = await method.step(problem, state);
      expect(isDeepStrictEqual(state, saved)).toBe(true);
      state = await method.step(problem, saved);
      expect(isDeepStrictEqual(state, next)).toBe(true);
      const isEpoch = state.generation % (name.startsWith('cooled') ? 3 : 4) === 0;
      expect(state.images.length).toBe(problem === image && !isEpoch ? state.population.length : 0);
    }
  });

  it('needs no images at the start and after an epoch', async () => {
    const state = await method.init(image, start, 7);
    const next = await method.step(image, state);
    expect(isDeepStrictEqual(await method.step(image, { ...state, images: [] }), next)).toBe(true);
  });

  it('computes the images of newcomers only', async () => {
    const population = neighbourhoodPopulation(few(VARIANTS[name]));
    const state = await population.optimizer.step(image, await method.init(image, start, 7));
    const newcomer = { x: start, value: await plain.value(start) };
    const individuals = population.individuals(state).with(1, newcomer);
    const changed = population.withIndividuals(state, individuals);
    expect(changed.images[1]).toBe(null);
    let computed = 0;
    const { coordinateMoves } = image;
    const counted: Problem = {
      ...image,
      coordinateMoves: {
        ...coordinateMoves,
        images(candidates, images, values) {
          computed += +candidates.includes(start);
          computed += candidates.filter((x) => state.population.includes(x)).length;
          return coordinateMoves.images(candidates, images, values);
        },
      },
    };
    await method.step(counted, changed);
    expect(computed).toBe(1);
  });

  it('is its seed: the same again, another from another', async () => {
    const same = await method.init(image, start, 1);
    const from = async (seed: number) => (await method.step(image, { ...same, seed })).population;
    expect(await from(1)).toEqual(await from(1));
    expect(await from(1)).not.toEqual(await from(2));
  });

  it('goes the same way with and without moves, but for rounding', async () => {
    let [fast, slow] = [await method.init(image, start, 5), await method.init(plain, start, 5)];
    for (let k = 0; k < 2; k++) {
      [fast, slow] = [await method.step(image, fast), await method.step(plain, slow)];
      for (const [i, x] of fast.population.entries()) {
        for (const [j, xj] of x.entries()) expect(xj).toBeCloseTo(slow.population[i][j], 3);
      }
    }
  });
});

describe('special cases', () => {
  it('prices no change without samples', async () => {
    const never = () => {
      throw new Error('a moving point');
    };
    const problem = { ...image, coordinateMoves: { ...image.coordinateMoves, movingPoint: never } };
    const method = neighbourhood({ samples: 0 });
    const state = await method.step(problem, await method.init(problem, start, 1));
    expect(state.generation).toBe(1);
  });

  it('ends a generation whose costs are not numbers, by the heat bath too', async () => {
    const method = neighbourhood({ samples: 5, move: { kind: 'heat-bath', relaxation: 1.4 } });
    const state = await method.init(plain, start, 1);
    const { batchValue: _, ...single } = plain as Problem;
    const nowhere = { ...single, value: async () => Number.NaN };
    expect((await method.step(nowhere, state)).generation).toBe(1);
  });

  it('anneals each point on its own without evolution', async () => {
    const method = neighbourhood({ pairs: 2, evolution: false, temperature: 0.1 });
    const other = new Float64Array(SIZE).fill(3);
    const all = await method.init(image, start, 3);
    const changed = {
      ...all,
      images: [],
      population: all.population.map((x, i) => (i === 2 ? x : other)),
    };
    let [a, b]: NeighbourhoodState[] = [all, changed];
    for (let k = 0; k < 5; k++) [a, b] = [await method.step(image, a), await method.step(image, b)];
    expect(b.population[2]).toEqual(a.population[2]);
    expect(b.population[1]).not.toEqual(a.population[1]);
  });

  it('without evolution and samples nothing happens but cooling', async () => {
    const method = neighbourhood({ evolution: false, samples: 0, cooledEvery: 'generation' });
    const state = await method.init(image, start, 3);
    const next = await method.step(image, state);
    expect(next.population).toEqual(state.population);
    expect(next.temperature).toBe(0.99 * state.temperature);
  });

  it('at temperature 0 no place worsens by a child tested against whom it replaces', async () => {
    const method = neighbourhood({ against: 'first', temperature: 0, secondChild: 'tested' });
    let state = await method.init(plain, start, 3);
    for (let k = 0; k < 5; k++) {
      const next = await method.step(plain, state);
      next.values.forEach((value, i) => {
        expect(value).toBeLessThanOrEqual(state.values[i]);
      });
      state = next;
    }
  });

  it.each(Object.keys(MOVES))(
    'at an infinite temperature every change is made: %s',
    async (name) => {
      const chain = { pairs: 1, evolution: false, temperature: 1e300, ...MOVES[name] };
      const method = neighbourhood({ ...chain, order: 'in-turn' });
      const state = await method.init(image, start, 3);
      const inside = { ...state, population: state.population.map(() => start), images: [] };
      const { population } = await method.step(image, inside);
      for (const x of population) for (const xi of x) expect(xi).not.toBe(1);
    },
  );

  it('tries every variable once a sweep, in strides that change from one to the next', () => {
    for (const size of [1, 2, 12, 35]) {
      const settings = checkedNeighbourhood({});
      const width = new Float64Array(size).fill(1);
      const ranges = { width, lower: width, upper: width };
      const random = new RandomStream(3, 'sweeps');
      const common = { settings, ranges, kT: 0, random, samples: 5, bestValue: 0 };
      const variables = (order: 'in-turn' | 'strides') =>
        Array.from({ length: 3 * size }, (_, n) => {
          const sample = new Sample({ ...common, generation: Math.floor(n / 5) }, 2);
          return sample.begin(n % 5, order);
        });
      const inTurn = Array.from({ length: size }, (_, i) => i);
      expect(variables('in-turn')).toEqual([...inTurn, ...inTurn, ...inTurn]);
      const strides = variables('strides');
      const sweeps = [0, 1, 2].map((sweep) => strides.slice(sweep * size, (sweep + 1) * size));
      for (const sweep of sweeps) expect(sweep.toSorted((a, b) => a - b)).toEqual(inTurn);
      if (size > 12) expect(sweeps[1]).not.toEqual(sweeps[0]);
    }
  });

  it('cools once an epoch, or once a generation', async () => {
    const after = async (cooledEvery: 'epoch' | 'generation') => {
      const options = { pairs: 1, temperature: 1, cooling: 0.5, epochGenerations: 3, cooledEvery };
      const method = neighbourhood(options);
      let state = await method.init(image, start, 1);
      for (let k = 0; k < 6; k++) state = await method.step(image, state);
      return state.temperature;
    };
    expect(await after('epoch')).toBe(0.5 ** 2);
    expect(await after('generation')).toBe(0.5 ** 6);
  });
});

describe('the test that changes have to pass', () => {
  it('lets a rise pass as often as exp(-rise / kT)', () => {
    const draws = 20_000;
    for (const [rise, kT] of [
      [1, 1],
      [0.5, 2],
      [3, 1],
      [2e-4, 1e-4],
    ]) {
      let passed = 0;
      for (let k = 0; k < draws; k++) if (isAccepted(rise, kT, (k + 0.5) / draws)) passed++;
      expect(Math.abs(passed / draws - Math.exp(-rise / kT))).toBeLessThanOrEqual(1 / draws);
    }
  });

  it('lets every fall pass, and no rise at temperature 0', () => {
    expect(isAccepted(-1, 0, 0.999)).toBe(true);
    expect(isAccepted(0, 0, 0.999)).toBe(true);
    expect(isAccepted(1e-300, 0, 0)).toBe(false);
  });
});

/** One variable at x^2 in a wide box: in equilibrium the mean of x^2 is kT / 2. */
describe('the stationary distribution of annealing', () => {
  it.each(['uniform', 'adaptive'])('is that of Boltzmann: %s', async (name) => {
    const problem: Problem = {
      ...{ size: 1, lower: Float64Array.of(-20), upper: Float64Array.of(20) },
      value: async ([x]) => x * x,
    };
    const kT = 0.5;
    const options = {
      pairs: 12,
      evolution: false,
      samples: 20,
      temperature: kT,
      cooling: 0.9999999,
    };
    const method = neighbourhood({ ...options, ...MOVES[name] });
    let state = await method.init(problem, Float64Array.of(0), 5);
    let [sum, count] = [0, 0];
    for (let k = 0; k < 400; k++) {
      state = await method.step(problem, state);
      if (k < 40) continue;
      sum += state.values.reduce((a, b) => a + b);
      count += state.values.length;
    }
    // 9,000 values of variance kT^2 / 2, hardly correlated: 0.25 within five deviations of 0.004.
    expect(Math.abs(sum / count - kT / 2)).toBeLessThan(0.02);
  });
});

describe('the neighbourhood search gets there', () => {
  it.each(Object.keys(MOVES))('least squares, %s', async (name) => {
    const least = (await reference()).value;
    const options = { pairs: 1, temperature: 1e-6, cooling: 0.8, epochGenerations: 2 };
    const { status, value } = await minimise(
      neighbourhood({ ...options, against: 'first', ...MOVES[name] }),
      ...([image, start, { maxIterations: 4000, targetValue: least * 1.0001 }] as const),
    );
    expect(status).toBe('converged');
    expect(value).toBeGreaterThan(least * 0.999999);
  });

  const reference = () =>
    minimise(lbfgsb({ relativeReductionTolerance: 1e-15 }), image, start, { maxIterations: 500 });
});

describe('settings outside their range', () => {
  const cases: readonly (readonly [NeighbourhoodOptions, string])[] = [
    [{ pairs: 0 }, 'pairs: is 0; allowed: an integer of 1 or more'],
    [{ cooling: 1 }, 'cooling: is 1; allowed: above 0 and below 1'],
    [{ cooling: 0 }, 'cooling: is 0; allowed: above 0 and below 1'],
    [{ boltzmann: 0 }, 'boltzmann: is 0; allowed: a number above 0'],
    [{ temperature: -1 }, 'temperature: is -1; allowed: a number of 0 or more'],
    [{ samples: -1 }, 'samples: is -1; allowed: an integer of 0 or more'],
    [{ epochGenerations: 0 }, 'epochGenerations: is 0; allowed: an integer of 1 or more'],
    [{ mutationProbability: 2 }, 'mutationProbability: is 2; allowed: 0 to 1'],
    [{ crossoverProbability: -1 }, 'crossoverProbability: is -1; allowed: 0 to 1'],
    [{ move: { kind: 'uniform', part: 0 } }, 'move.part: is 0; allowed: above 0, at most 1'],
    [
      { move: { kind: 'heat-bath', relaxation: 2 } },
      'move.relaxation: is 2; allowed: above 0 and below 2',
    ],
    [{ initialRadius: 0 }, 'initialRadius: is 0; allowed: a number above 0'],
  ];
  it.each(cases)('%o', (options, message) => {
    expect(() => neighbourhood(options)).toThrow(message);
  });

  it('an infinite range without a radius', async () => {
    const open = { ...plain, upper: new Float64Array(SIZE).fill(Infinity) };
    await expect(neighbourhood().init(open, start, 1)).rejects.toThrow(
      'initialRadius: is not given',
    );
    const { status } = await neighbourhood({ initialRadius: 1 }).init(open, start, 1);
    expect(status).toBe('running');
  });
});
