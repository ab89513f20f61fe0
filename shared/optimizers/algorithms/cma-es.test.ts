import { describe, expect, it } from 'vitest';
import { InputError, type Problem } from '../problem/index.js';
import { injected } from './cma-es-run.js';
import { type CmaEsState, cmaEs, minimise } from './index.js';
import { boxProblem, type Cost, rosenbrock, sphere } from './toy-costs.js';

const ellipsoid: Cost = (x) =>
  x.reduce((sum, xi, i) => sum + 10 ** ((6 * i) / (x.length - 1)) * xi * xi, 0);

async function stepped(problem: Problem, start: Float64Array, steps: number) {
  const optimizer = cmaEs();
  let state = await optimizer.init(problem, start, 5);
  for (let k = 0; k < steps; k++) state = await optimizer.step(problem, state);
  return state;
}

describe('CMA-ES', () => {
  const start = Float64Array.of(0.5, -1, 2, 1.5, -2.5);

  it('goes the same way on every cost of the same order', async () => {
    const plain = boxProblem(5, -3, 3, rosenbrock);
    const bent = boxProblem(5, -3, 3, (x) => 7 - 1 / (1 + rosenbrock(x)));
    const [a, b] = [await stepped(plain, start, 60), await stepped(bent, start, 60)];
    expect(cmaEs().best(b)).toMatchObject({ x: cmaEs().best(a).x });
    expect(b.run.covariance).toEqual(a.run.covariance);
  });

  it('goes the same way on every scale of the variables', async () => {
    // Powers of 2 change no rounding.
    const scales = Float64Array.of(1, 2 ** 20, 2 ** -7, 4, 2 ** -30);
    const scaled: Problem = {
      size: 5,
      lower: scales.map((scale) => -3 * scale),
      upper: scales.map((scale) => 3 * scale),
      value: async (x) => rosenbrock(x.map((xi, i) => xi / scales[i])),
    };
    const a = await stepped(boxProblem(5, -3, 3, rosenbrock), start, 60);
    const b = await stepped(
      scaled,
      start.map((xi, i) => xi * scales[i]),
      60,
    );
    expect(cmaEs().best(b).x).toEqual(
      cmaEs()
        .best(a)
        .x.map((xi, i) => xi * scales[i]),
    );
  });

  it('learns the shape of a quadratic: the covariance becomes its inverse', async () => {
    const { run } = await stepped(boxProblem(5, -3, 3, ellipsoid), start, 260);
    const variances = Array.from({ length: 5 }, (_, i) => run.covariance[i * 5 + i]);
    for (let i = 0; i + 1 < 5; i++) {
      // The condition of 10^6 is five variables wide, so neighbours differ by 10^1.5.
      const ratio = variances[i] / variances[i + 1] / 10 ** 1.5;
      expect(ratio).toBeGreaterThan(0.2);
      expect(ratio).toBeLessThan(5);
    }
  });
});

describe('a point from elsewhere', () => {
  it('becomes a step of its own direction, of a length that samples have', async () => {
    const n = 5;
    const { run } = await stepped(boxProblem(n, -3, 3, ellipsoid), new Float64Array(n).fill(1), 90);
    for (const far of [1e-3, 1e-1, 1, 10, 1e9]) {
      const there = Float64Array.from({ length: n }, (_, i) => far * Math.sin(7 * i + 1));
      const { normal, step } = injected(run, there);
      // The step is made of the normal numbers along the axes.
      for (let i = 0; i < n; i++) {
        let along = 0;
        for (let k = 0; k < n; k++) along += run.axes[k * n + i] * run.axisLengths[k] * normal[k];
        expect(Math.abs(along - step[i])).toBeLessThan(1e-9 * Math.max(...step.map(Math.abs)));
        expect(step[i] / step[0]).toBeCloseTo(there[i] / there[0], 9);
      }
      // Hansen 2011: sqrt(n) + 2 n / (n + 2).
      const length = Math.sqrt(normal.reduce((sum, z) => sum + z * z, 0));
      expect(length).toBeLessThan((Math.sqrt(5) + 10 / 7) * (1 + 1e-12));
      if (length < Math.sqrt(5) + 10 / 7 - 1e-9) expect(step).toEqual(there);
    }
  });
});

/** The evaluations of 11 runs until 1e-8, the middle one. */
async function medianEvaluations(n: number, lower: number, upper: number, cost: Cost) {
  const problem = boxProblem(n, lower, upper, cost);
  const counts: number[] = [];
  for (let seed = 0; seed < 11; seed++) {
    const start = Float64Array.from({ length: n }, (_, i) => {
      const part = (0.37 * (seed + 1) * (i + 1)) % 1;
      return lower + part * (upper - lower);
    });
    const options = { seed, maxIterations: 1e5, maxEvaluations: 2e5, targetValue: 1e-8 };
    const { evaluations } = await minimise(cmaEs({ restarts: 'ipop' }), problem, start, options);
    counts.push(evaluations);
  }
  return counts.sort((a, b) => a - b)[5];
}

describe('the evaluations of CMA-ES', () => {
  // Medians of 11 runs of pycma 4.5.0 from random starts, with the same step and population.
  it.each([
    ['sphere', sphere, -5.12, 5.12, 1591],
    ['ellipsoid', ellipsoid, -5, 5, 3991],
    ['Rosenbrock', rosenbrock, -5, 10, 5281],
  ] as const)('are fewer than those of pycma: %s', async (_, cost, low, high, peer) => {
    expect(await medianEvaluations(10, low, high, cost)).toBeLessThan(0.95 * peer);
  });
});

describe('runs of CMA-ES', () => {
  const flat = boxProblem(2, -1, 1, () => 1);
  const origin = new Float64Array(2);

  async function sizes(restarts: 'ipop' | 'bipop', steps: number): Promise<CmaEsState[]> {
    const optimizer = cmaEs({ restarts, populationSize: 8 });
    const firsts = [await optimizer.init(flat, origin, 1)];
    let state = firsts[0];
    for (let k = 0; k < steps; k++) {
      state = await optimizer.step(flat, state);
      if (state.run.generation === 0) firsts.push(state);
    }
    return firsts;
  }

  it('end as converged where nothing changes any more, and then there is no other', async () => {
    const result = await minimise(cmaEs(), flat, origin, { maxIterations: 1000 });
    expect(result.status).toBe('converged');
  });

  it('double with IPOP', async () => {
    const states = await sizes('ipop', 80);
    expect(states.slice(0, 5).map(({ run }) => run.populationSize)).toEqual([8, 16, 32, 64, 128]);
    for (const { run } of states) expect(run.sigma).toBe(1);
  });

  it('share the evaluations between large and small ones with BIPOP', async () => {
    const states = await sizes('bipop', 400);
    const kinds = states.map(({ history }) => history.kind);
    expect(kinds.slice(0, 3)).toEqual(['first', 'large', 'small']);
    for (const { run, history } of states) {
      if (history.kind !== 'small') continue;
      expect(run.populationSize).toBeGreaterThanOrEqual(8);
      expect(run.populationSize).toBeLessThanOrEqual(history.largeSize / 2);
      expect(run.sigma).toBeGreaterThanOrEqual(0.01);
      // The kind that has spent less goes next.
      expect(history.smallEvaluations).toBeLessThan(history.largeEvaluations);
    }
  });
});

describe('cmaEs', () => {
  it.each([
    [{ populationSize: 3 }, 'cmaEs.populationSize: is 3; allowed: an integer of 4 or more'],
    [{ initialStep: 0 }, 'cmaEs.initialStep: is 0; allowed: a number above 0'],
    [{ valueTolerance: -1 }, 'cmaEs.valueTolerance: is -1; allowed: a number of 0 or more'],
  ])('refuses %j', (options, message) => {
    expect(() => cmaEs(options)).toThrow(InputError);
    expect(() => cmaEs(options)).toThrow(message);
  });

  it('asks for a step where the box gives none', async () => {
    const open = boxProblem(2, 0, Infinity, sphere);
    const message = 'cmaEs.initialStep: is not given; needed, as variable 0 ranges from 0 to Inf';
    await expect(cmaEs().init(open, new Float64Array(2), 1)).rejects.toThrow(message);
  });
});
