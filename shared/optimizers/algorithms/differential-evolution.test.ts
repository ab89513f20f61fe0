import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { InputError, type Problem } from '../problem/index.js';
import { type DifferentialStrategy, trialPoint } from './differential-trial.js';
import { differentialEvolution, minimise } from './index.js';
import { drawnNear, emptyHistory, updatedHistory } from './success-history.js';

const sphere: Problem = {
  size: 3,
  lower: Float64Array.of(-4, -4, -4),
  upper: Float64Array.of(4, 4, 4),
  value: async (x) => x.reduce((sum, xi) => sum + xi * xi, 0),
};
const start = Float64Array.of(1, 2, 3);
const open: Problem = { ...sphere, upper: Float64Array.of(4, Infinity, 4) };

describe('differentialEvolution', () => {
  it.each([
    [{ populationSize: 3 }, 'populationSize: is 3; allowed: an integer of 4 or more'],
    [{ factor: 0 }, 'factor: is 0; allowed: above 0, at most 2'],
    [{ factor: 2.5 }, 'factor: is 2.5; allowed: above 0, at most 2'],
    [{ crossoverRate: -0.5 }, 'crossoverRate: is -0.5; allowed: 0 to 1'],
    [{ crossoverRate: Number.NaN }, 'crossoverRate: is NaN; allowed: 0 to 1'],
    [{ initialRadius: 0 }, 'initialRadius: is 0; allowed: a number above 0'],
    [{ valueTolerance: -1 }, 'valueTolerance: is -1; allowed: a number of 0 or more'],
  ])('refuses %j', (options, message) => {
    expect(() => differentialEvolution(options)).toThrow(InputError);
    expect(() => differentialEvolution(options)).toThrow(`differentialEvolution.${message}`);
  });

  it('asks for a radius where the box gives none', async () => {
    await expect(differentialEvolution().init(open, start, 1)).rejects.toThrow(
      'differentialEvolution.initialRadius: is not given; needed, as variable 1 ranges from -4',
    );
  });

  it('begins with the start and with points about it', async () => {
    const optimizer = differentialEvolution({ initialRadius: 2 });
    const { population } = await optimizer.init(open, start, 1);
    expect(population[0]).toEqual(start);
    for (const x of population) {
      for (let i = 0; i < 3; i++) {
        expect(x[i]).toBeGreaterThanOrEqual(start[i] - 2);
        expect(x[i]).toBeLessThanOrEqual(Math.min(open.upper[i], start[i] + 2));
      }
    }
  });

  it('no point of the population ever gets worse', async () => {
    const optimizer = differentialEvolution({ populationSize: 12 });
    let state = await optimizer.init(sphere, start, 1);
    for (let k = 0; k < 50; k++) {
      const next = await optimizer.step(sphere, state);
      expect(next.values.every((value, i) => value <= state.values[i])).toBe(true);
      expect(next.archive.length).toBeLessThanOrEqual(12);
      state = next;
    }
  });

  it('keeps F and CR where they are fixed', async () => {
    const optimizer = differentialEvolution({ adaptation: 'fixed', factor: 0.7 });
    let state = await optimizer.init(sphere, start, 1);
    for (let k = 0; k < 5; k++) state = await optimizer.step(sphere, state);
    expect(state.factors.every((factor) => factor === 0.7)).toBe(true);
    expect(state.rates.every((rate) => rate === 0.9)).toBe(true);
  });

  it('ends as converged where the population has one cost', async () => {
    const { status, value } = await minimise(differentialEvolution(), sphere, start, {
      maxIterations: 1000,
    });
    expect(status).toBe('converged');
    expect(value).toBeLessThan(1e-12);
  });
});

describe('a trial point', () => {
  const free = Array.from({ length: 4 }, () => Infinity);
  /** Point k is 10^k in each variable, so a sum tells which points it is of. */
  const population = [1, 10, 100, 1000, 10000].map((x) => new Float64Array(4).fill(x));
  const source = (strategy: DifferentialStrategy, generation: number) => ({
    ...{ strategy, population, archive: [], ranked: [4, 3, 2, 1, 0], generation },
    bounds: { lower: Float64Array.from(free, (x) => -x), upper: Float64Array.from(free) },
    random: new RandomStream(1, 'test'),
  });
  const made = (strategy: DifferentialStrategy, rate = 1, factor = 1) =>
    Array.from({ length: 200 }, (_, g) => trialPoint(source(strategy, g), 0, factor, rate));
  const x = [1, 10, 100, 1000, 10000];
  const others = [1, 2, 3, 4];
  const pairs = others.flatMap((a) => others.filter((b) => b !== a).map((b) => x[a] - x[b]));

  it('is a third point moved along the difference of two others: rand/1', () => {
    const sums = new Set<number>();
    for (const a of others) {
      for (const b of others) {
        for (const c of others) if (a !== b && b !== c && a !== c) sums.add(x[a] + x[b] - x[c]);
      }
    }
    expect(new Set(made('rand/1').map((trial) => trial[0]))).toEqual(sums);
  });

  it('is the best moved along a difference: best/1', () => {
    expect(new Set(made('best/1').map((t) => t[0]))).toEqual(new Set(pairs.map((d) => x[4] + d)));
  });

  it('is the point itself moved to the best and along a difference: current-to-best/1', () => {
    const moved = pairs.map((d) => x[0] + 0.5 * (x[4] - x[0]) + 0.5 * d);
    const trials = made('current-to-best/1', 1, 0.5);
    expect(new Set(trials.map((t) => t[0]))).toEqual(new Set(moved));
  });

  it('goes towards the best ones only: current-to-pbest/1', () => {
    const moved = pairs.flatMap((d) => [x[3], x[4]].map((best) => x[0] + (best - x[0]) + d));
    for (const trial of made('current-to-pbest/1')) expect(moved).toContain(trial[0]);
  });

  it('shares all variables but those that cross over, and never all', () => {
    const changes = (rate: number) =>
      made('rand/1', rate).map((trial) => trial.filter((xi) => xi !== 1).length);
    expect(new Set(changes(0))).toEqual(new Set([1]));
    expect(new Set(changes(1))).toEqual(new Set([4]));
    // One for certain and each of three others by half: 2.5 of 4 with a standard error of 0.06.
    const mean = changes(0.5).reduce((sum, count) => sum + count, 0) / 200;
    expect(Math.abs(mean - 2.5)).toBeLessThan(0.25);
  });

  it('comes half way from the point to a bound that it would cross', () => {
    const bounds = { lower: new Float64Array(4), upper: new Float64Array(4).fill(5) };
    for (let g = 0; g < 50; g++) {
      const trial = trialPoint({ ...source('rand/1', g), bounds }, 0, 1, 1);
      for (const xi of trial) expect([0.5, 3]).toContain(xi);
    }
  });
});

describe('the success history', () => {
  it('keeps the weighted Lehmer mean of F and the weighted mean of CR, in turn', () => {
    const successes = [
      { factor: 0.5, rate: 0.2, gain: 3 },
      { factor: 1, rate: 1, gain: 1 },
    ];
    const once = updatedHistory(emptyHistory(3), successes);
    // (3 x 0.25 + 1) / (3 x 0.5 + 1) and (3 x 0.2 + 1) / 4
    expect([...once.factors]).toEqual([0.7, 0.5, 0.5]);
    expect([...once.rates]).toEqual([expect.closeTo(0.4, 15), 0.5, 0.5]);
    expect(updatedHistory(once, [])).toBe(once);
    expect(updatedHistory(once, successes).next).toBe(2);
  });

  it('draws F from a Cauchy distribution cut to (0, 1] and CR from a normal one', () => {
    const history = { ...emptyHistory(1), factors: Float64Array.of(0.3) };
    const random = new RandomStream(1, 'test');
    const count = 20_000;
    const draws = Array.from({ length: count }, (_, i) => drawnNear(history, random, 0, i));
    const part = (test: (draw: { factor: number; rate: number }) => boolean) =>
      draws.filter(test).length / count;
    expect(draws.every(({ factor }) => factor > 0 && factor <= 1)).toBe(true);
    // The distribution function of a Cauchy variable about 0.3 of width 0.1, given it is above 0.
    const cdf = (x: number) => 0.5 + Math.atan((x - 0.3) / 0.1) / Math.PI;
    for (const x of [0.1, 0.3, 0.5, 0.9]) {
      const expected = (cdf(x) - cdf(0)) / (1 - cdf(0));
      expect(Math.abs(part(({ factor }) => factor <= x) - expected)).toBeLessThan(0.015);
    }
    expect(Math.abs(part(({ rate }) => rate <= 0.5) - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(part(({ rate }) => rate <= 0.6) - 0.8413)).toBeLessThan(0.015);
  });
});
