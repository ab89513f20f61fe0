import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { countedProblem } from '../islands/counted-problem.js';
import type { CoordinateMoves, Problem } from '../problem/index.js';
import { type MinimiseOptions, minimise, type Optimizer } from './index.js';
import { toy } from './neighbourhood-toy.js';

const SIZE = 6;
const problem = toy(SIZE, 100, 20);
const start = new Float64Array(SIZE).fill(1);

/** Prices that were computed, in their order, with their points. */
interface Seen {
  readonly points: Float64Array[];
  readonly values: number[];
}

/**
 * An algorithm that prices random changes and makes some of them, good or bad, so that it comes
 * and goes from the best point in all ways.
 */
function wanderer(seen: Seen, moveRate: number, steps = 200): Optimizer<number> {
  const told = (x: Float64Array, value: number) => {
    seen.points.push(x.slice());
    seen.values.push(value);
  };
  const taken = async (moves: CoordinateMoves, x: Float64Array) => {
    const [image, value] = [moves.newImage(), new Float64Array(1)];
    await moves.images([x], [image], value);
    told(x, value[0]);
    return image;
  };
  return {
    async init(watched, from) {
      const { coordinateMoves } = watched;
      if (coordinateMoves) await taken(coordinateMoves, from);
      return 0;
    },
    async step({ coordinateMoves }, state) {
      if (!coordinateMoves) throw new Error('no moves');
      const random = new RandomStream(5, 'wanderer');
      const x = Float64Array.from(start, (_, i) => random.uniform(0, state, 1, i) * 2);
      const point = coordinateMoves.movingPoint();
      point.load(x, await taken(coordinateMoves, x));
      for (let k = 0; k < steps; k++) {
        const draw = (d: number) => random.uniform(0, state, 0, 4 * k + d);
        const [i, to] = [Math.floor(draw(0) * SIZE), draw(1) * 2];
        told(
          Float64Array.from(x, (xj, j) => (i === j ? to : xj)),
          point.coordinateChange(i, to),
        );
        if (draw(2) >= moveRate) continue;
        point.move(i, to);
        x[i] = to;
      }
      return state + 1;
    },
    status: () => 'running',
    best: () => ({ x: start, value: Infinity }),
  };
}

const run = async (moveRate: number, options: Partial<MinimiseOptions>) => {
  const seen: Seen = { points: [], values: [] };
  const method = wanderer(seen, moveRate);
  const result = await minimise(method, problem, start, { maxIterations: 3, ...options });
  return { seen, result };
};

describe('minimise with coordinate moves', () => {
  it.each([0, 0.1, 0.5, 1])('keeps the best price and its point: moves at %d', async (rate) => {
    for (const maxEvaluations of [1, 2, 3, 10, 150, 201, 202, 203, 300, 1000]) {
      const { seen, result } = await run(rate, { maxEvaluations });
      const evaluations = Math.min(maxEvaluations, 1 + 3 * 201);
      expect([result.evaluations, seen.values.length]).toEqual([evaluations, evaluations]);
      const least = Math.min(...seen.values);
      expect(result.value).toBe(least);
      expect(result.x).toEqual(seen.points[seen.values.indexOf(least)]);
      expect(await problem.value(result.x)).toBeCloseTo(least, 6);
    }
  });

  it('stops on request before the next price', async () => {
    const seen: Seen = { points: [], values: [] };
    const signal = {
      get aborted() {
        return seen.values.length >= 17;
      },
    };
    const options = { maxIterations: 3, signal };
    const result = await minimise(wanderer(seen, 0.5), problem, start, options);
    expect([result.status, result.evaluations]).toEqual(['cancelled', 17]);
  });

  it.each([Number.NaN, Infinity, -Infinity])('ends at a price of %d', async (price) => {
    const { coordinateMoves } = problem;
    const bad: Problem = {
      ...problem,
      coordinateMoves: {
        ...coordinateMoves,
        movingPoint: () =>
          Object.assign(coordinateMoves.movingPoint(), {
            coordinateChange: () => price,
          }),
      },
    };
    const seen: Seen = { points: [], values: [] };
    const result = await minimise(wanderer(seen, 0), bad, start, { maxIterations: 3 });
    expect(result.status).toBe('non-finite');
    expect(result.evaluations).toBe(3);
    expect(seen.values).toContain(result.value);
  });

  it('counts costs of images, and keeps the best of them', async () => {
    const x = new Float64Array(SIZE).fill(0.7);
    const priced = async ({ coordinateMoves }: Problem) => {
      const image = problem.coordinateMoves.newImage();
      await problem.coordinateMoves.images([x], [image], new Float64Array(1));
      return coordinateMoves?.imageValue(x, image) ?? Number.NaN;
    };
    const method: Optimizer<number> = {
      init: (watched, from) => watched.value(from.map(() => 4)).then(() => priced(watched)),
      step: priced,
      status: () => 'running',
      best: (value) => ({ x: start, value }),
    };
    const { evaluations, ...result } = await minimise(method, problem, start, { maxIterations: 4 });
    expect(evaluations).toBe(6);
    expect(result.x).toEqual(x);
    expect(result.value).toBeCloseTo(await problem.value(x), 6);
  });
});

describe('countedProblem with coordinate moves', () => {
  it('counts what minimise counts, and changes nothing', async () => {
    const [a, b]: Seen[] = [
      { points: [], values: [] },
      { points: [], values: [] },
    ];
    const counted = countedProblem(problem);
    const result = await minimise(wanderer(a, 0.5), counted.problem, start, { maxIterations: 2 });
    await minimise(wanderer(b, 0.5), problem, start, { maxIterations: 2 });
    expect(a).toEqual(b);
    expect(counted.count()).toBe(result.evaluations);
    const image = problem.coordinateMoves.newImage();
    counted.problem.coordinateMoves.imageValue(new Float64Array(SIZE), image);
    expect(counted.count()).toBe(result.evaluations + 1);
    const point = counted.problem.coordinateMoves.movingPoint();
    point.load(new Float64Array(SIZE), image);
    expect(point.value).toBe(problem.coordinateMoves.imageValue(new Float64Array(SIZE), image));
  });
});
