import { describe, expect, it } from 'vitest';
import { type DifferentiableProblem, InputError } from '../problem/index.js';
import {
  lbfgsb,
  type MinimiseOptions,
  minimisation,
  minimise,
  minimiseOn,
  type Optimizer,
  projectedGradient,
} from './index.js';

/** sum_i (i + 1) (x_i - 1)^2 in [0, 10]^n: 0 at 1. Counts its calls. */
function quadratic(size = 6) {
  const seen = { evaluations: 0, points: [] as Float64Array[] };
  const value = (x: Float64Array, gradient: Float64Array = new Float64Array(size)) => {
    seen.evaluations += 1;
    seen.points.push(x.slice());
    let sum = 0;
    for (let i = 0; i < size; i++) {
      sum += (i + 1) * (x[i] - 1) * (x[i] - 1);
      gradient[i] = 2 * (i + 1) * (x[i] - 1);
    }
    return sum;
  };
  const problem: DifferentiableProblem = {
    size,
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(10),
    value: async (x) => value(x),
    valueAndGradient: async (x, gradient) => value(x, gradient),
  };
  return { problem, seen };
}

const START = Float64Array.of(9, 8, 7, 6, 5, 4);
const METHODS = [
  { name: 'lbfgsb', make: () => lbfgsb() as Optimizer<unknown, DifferentiableProblem> },
  {
    name: 'projectedGradient',
    make: () => projectedGradient() as Optimizer<unknown, DifferentiableProblem>,
  },
];

describe.each(METHODS)('the driver of $name', ({ make }) => {
  const run = (options: Partial<MinimiseOptions> = {}, problem = quadratic().problem) =>
    minimise(make(), problem, START, { maxIterations: 1000, ...options });

  it('converges, and its trace falls from the start to the result', async () => {
    const result = await run();
    expect(result.status).toBe('converged');
    expect(result.value).toBeLessThan(1e-6);
    expect(result.trace[0]).toBe(await quadratic().problem.value(START));
    expect(result.trace.at(-1)).toBe(result.value);
    expect(result.trace.length).toBe(result.iterations + 1);
    expect([...result.trace]).toEqual([...result.trace].sort((a, b) => b - a));
  });

  it.each([0, 1, 2, 5])('spends exactly %i iterations', async (maxIterations) => {
    const result = await run({ maxIterations });
    expect([result.status, result.iterations]).toEqual(['budget-spent', maxIterations]);
  });

  it.each([1, 2, 3, 4, 7])('spends exactly %i evaluations', async (maxEvaluations) => {
    const { problem, seen } = quadratic();
    const result = await run({ maxEvaluations }, problem);
    expect(result.status).toBe('budget-spent');
    expect([result.evaluations, seen.evaluations]).toEqual([maxEvaluations, maxEvaluations]);
    const values = await Promise.all(seen.points.slice().map((x) => problem.value(x)));
    expect(result.value).toBe(Math.min(...values));
    expect(await problem.value(result.x)).toBe(result.value);
  });

  it('stops at the target value', async () => {
    const result = await run({ targetValue: 20 });
    expect(result.status).toBe('converged');
    expect(result.value).toBeLessThanOrEqual(20);
    expect(result.trace.at(-2)).toBeGreaterThan(20);
    expect((await run({ targetValue: 1e9 })).iterations).toBe(0);
  });

  it('stops on request before the next evaluation, with the best point so far', async () => {
    for (const limit of [0, 1, 2, 3, 5]) {
      const { problem, seen } = quadratic();
      const signal = {
        get aborted() {
          return seen.evaluations >= limit;
        },
      };
      const result = await run({ signal }, problem);
      expect([result.status, result.evaluations]).toEqual(['cancelled', limit]);
      if (limit > 0) expect(result.value).toBe(await problem.value(result.x));
    }
  });

  it('takes an AbortSignal', async () => {
    const controller = new AbortController();
    const onProgress = ({ iteration }: { iteration: number }) => {
      if (iteration === 2) controller.abort();
    };
    const result = await run({ signal: controller.signal, onProgress });
    expect([result.status, result.iterations]).toEqual(['cancelled', 2]);
  });

  it('waits for onProgress, so that signals can be heard though nothing else waits', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const onProgress = () => new Promise<void>((resolve) => setImmediate(resolve));
    const { status, iterations } = await run({ signal: controller.signal, onProgress });
    expect([status, iterations]).toEqual(['cancelled', 0]);
  });

  it.each([
    ['a NaN cost', (_cost: number, _g?: Float64Array) => Number.NaN],
    ['an infinite cost', (_cost: number, _g?: Float64Array) => Infinity],
    [
      'a NaN gradient',
      (cost: number, g?: Float64Array) => {
        g?.fill(Number.NaN, 2, 3);
        return cost;
      },
    ],
  ])('ends as non-finite at %s, keeping the best finite point', async (_name, spoil) => {
    for (const from of [1, 2, 3, 4, 6]) {
      const { problem, seen } = quadratic();
      const spoiled: DifferentiableProblem = {
        ...problem,
        value: async (x) => {
          const value = await problem.value(x);
          return seen.evaluations < from ? value : spoil(value);
        },
        valueAndGradient: async (x, gradient) => {
          const value = await problem.valueAndGradient(x, gradient);
          return seen.evaluations < from ? value : spoil(value, gradient);
        },
      };
      const result = await run({}, spoiled);
      expect(result.status).toBe('non-finite');
      const cost = quadratic().problem;
      if (Number.isNaN(result.value)) expect([result.x, result.evaluations]).toEqual([START, 1]);
      else expect(await cost.value(result.x)).toBe(result.value);
    }
  });

  it('reports every iteration', async () => {
    const lines: number[][] = [];
    const result = await run({
      onProgress: (p) => {
        lines.push([p.iteration, p.evaluations, p.value]);
      },
    });
    expect(lines.map((line) => line[0])).toEqual([...result.trace.keys()]);
    expect(lines.map((line) => line[2])).toEqual(result.trace);
    expect(lines.at(-1)?.[1]).toBe(result.evaluations);
  });

  it('ends as infeasible, without an evaluation, where bounds cross', async () => {
    const { problem, seen } = quadratic();
    problem.lower[3] = 11;
    const result = await run({}, problem);
    expect([result.status, result.iterations, seen.evaluations]).toEqual(['infeasible', 0, 0]);
  });

  it.each([1, 3])('ends the same in parts of %i steps that are saved and loaded', async (steps) => {
    const options = { maxIterations: 10 };
    let parts = minimisation<unknown>(START);
    while (parts.status === 'running') {
      const { problem } = quadratic();
      parts = structuredClone(await minimiseOn(make(), problem, parts, steps, options));
    }
    expect(parts).toEqual(expect.objectContaining(await run(options)));
  });

  it('gives the same result on every run', async () => {
    expect(await run()).toEqual(await run());
  });

  it('lets errors of the problem through', async () => {
    const { problem } = quadratic();
    const broken = () => Promise.reject(new Error('the thread died'));
    const failing = { ...problem, value: broken, valueAndGradient: broken };
    await expect(run({}, failing)).rejects.toThrow('the thread died');
  });

  it.each([
    [{ maxIterations: -1 }, 'maxIterations: is -1; allowed: an integer of 0 or more'],
    [{ maxIterations: 1.5 }, 'maxIterations: is 1.5; allowed: an integer of 0 or more'],
    [{ maxEvaluations: 0 }, 'maxEvaluations: is 0; allowed: an integer of 1 or more'],
    [{ targetValue: Number.NaN }, 'targetValue: is NaN; allowed: a number'],
  ])('refuses %j', async (options, message) => {
    await expect(run(options)).rejects.toThrow(new InputError(...split(message)).message);
  });
});

function split(message: string): [string, string] {
  const [place, ...rest] = message.split(': ');
  return [place, rest.join(': ')];
}

describe('the driver', () => {
  it('counts each candidate of a batch, and keeps the best of them', async () => {
    const batches: Optimizer<{ best: Float64Array; value: number }> = {
      async init(problem, start) {
        const out = new Float64Array(3);
        const candidates = [9, 2, 5].map((v) => new Float64Array(start.length).fill(v));
        await problem.batchValue?.(candidates, out);
        return { best: candidates[1], value: out[1] };
      },
      step: async (_problem, state) => state,
      status: () => 'running',
      best: ({ best, value }) => ({ x: best, value }),
    };
    const { problem } = quadratic();
    const batched = {
      ...problem,
      batchValue: async (candidates: readonly Float64Array[], out: Float64Array) => {
        for (let k = 0; k < out.length; k++) out[k] = await problem.value(candidates[k]);
      },
    };
    const progress: number[] = [];
    const result = await minimise(batches, batched, START, {
      maxIterations: 1,
      onProgress: (p) => {
        progress.push(p.projectedGradientInf);
      },
    });
    expect([result.evaluations, result.value]).toEqual([3, 21]);
    expect(result.x[0]).toBe(2);
    expect(progress[0]).toBeNaN();
  });
});
