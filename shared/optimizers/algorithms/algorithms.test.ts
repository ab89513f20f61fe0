import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  type DifferentiableProblem,
  InputError,
  projectedGradientInf,
  type TwoLevelProblem,
} from '../problem/index.js';
import {
  lbfgsb,
  minimise,
  modelNewton,
  type Optimizer,
  projectedGradient,
  STATUS_ADVICE,
  twoLevel,
} from './index.js';
import { uniforms } from './toy-numbers.js';

type Cost = (x: Float64Array, gradient: Float64Array) => number;

interface Case extends TwoLevelProblem {
  readonly start: Float64Array;
  /** The least cost within the bounds. */
  readonly minimum: number;
}

function problemOf(
  cost: Cost,
  bounds: readonly [lower: number, upper: number][],
  start: readonly number[],
  minimum: number,
): Case {
  const size = start.length;
  const lower = Float64Array.from(bounds, (pair) => pair[0]);
  const upper = Float64Array.from(bounds, (pair) => pair[1]);
  const differentiable = (of: Cost): DifferentiableProblem => ({
    ...{ size, lower, upper },
    value: async (x) => of(x, new Float64Array(size)),
    valueAndGradient: async (x, gradient) => of(x, gradient),
  });
  const coarse = differentiable(roughened(cost));
  return { ...differentiable(cost), coarse, start: Float64Array.from(start), minimum };
}

/** A cost of about the same shape, but with its minimum elsewhere. */
function roughened(cost: Cost): Cost {
  return (x, gradient) => {
    let sum = 0.8 * cost(x, gradient);
    for (let i = 0; i < x.length; i++) {
      const off = x[i] - 0.5 - (i % 3);
      sum += 0.1 * off * off;
      gradient[i] = 0.8 * gradient[i] + 0.2 * off;
    }
    return sum;
  };
}

const many = <T>(size: number, of: (i: number) => T): T[] =>
  Array.from({ length: size }, (_, i) => of(i));
const everywhere = (size: number, lower: number, upper: number) =>
  many(size, (): [number, number] => [lower, upper]);

const rosenbrock: Cost = (x, g) => {
  let sum = 0;
  g.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const a = x[i + 1] - x[i] * x[i];
    const b = 1 - x[i];
    sum += 100 * a * a + b * b;
    g[i] += -400 * x[i] * a - 2 * b;
    g[i + 1] += 200 * a;
  }
  return sum;
};

const powell: Cost = (x, g) => {
  const [a, b, c, d] = [x[0] + 10 * x[1], x[2] - x[3], x[1] - 2 * x[2], x[0] - x[3]];
  g[0] = 2 * a + 40 * d ** 3;
  g[1] = 20 * a + 4 * c ** 3;
  g[2] = 10 * b - 8 * c ** 3;
  g[3] = -10 * b - 40 * d ** 3;
  return a * a + 5 * b * b + c ** 4 + 10 * d ** 4;
};

const wood: Cost = ([a, b, c, d], g) => {
  g[0] = 400 * a * (a * a - b) + 2 * (a - 1);
  g[1] = -200 * (a * a - b) + 20.2 * (b - 1) + 19.8 * (d - 1);
  g[2] = 2 * (c - 1) + 360 * c * (c * c - d);
  g[3] = -180 * (c * c - d) + 20.2 * (d - 1) + 19.8 * (b - 1);
  const squares = 100 * (a * a - b) ** 2 + (a - 1) ** 2 + (c - 1) ** 2 + 90 * (c * c - d) ** 2;
  return squares + 10.1 * ((b - 1) ** 2 + (d - 1) ** 2) + 19.8 * (b - 1) * (d - 1);
};

/** sum_i d_i (x_i - c_i)^2 / 2; within bounds each variable is least at its nearest point. */
function separable(size: number, condition: number, lower: number, upper: number): Case {
  const next = uniforms(size);
  const d = many(size, (i) => condition ** (i / Math.max(1, size - 1)));
  const c = many(size, () => 3 * next() - 1);
  const cost: Cost = (x, g) => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      g[i] = d[i] * (x[i] - c[i]);
      sum += (g[i] * (x[i] - c[i])) / 2;
    }
    return sum;
  };
  const least = Float64Array.from(c, (ci) => Math.max(lower, Math.min(upper, ci)));
  const minimum = cost(least, new Float64Array(size));
  return problemOf(cost, everywhere(size, lower, upper), new Array(size).fill(1), minimum);
}

/**
 * |A x - b|^2 / 2 over x >= 0 with a sparse A. Made from its solution: x* with zeros, multipliers
 * z >= 0 where x* is 0, and b such that A^T (A x* - b) = z; so x* satisfies the KKT conditions.
 */
function nonnegativeLeastSquares(size: number, seed: number): Case {
  const next = uniforms(seed);
  const rows = many(2 * size, () => many(6, () => [Math.floor(next() * size), next()] as const));
  const solution = many(size, () => Math.max(0, 2 * next() - 1));
  const multiplier = solution.map((xi) => (xi > 0 ? 0 : next()));
  // Each variable i has its own extra row e_i, and its residual there carries the rest of z_i.
  const cost =
    (residual: readonly number[], extra: readonly number[]): Cost =>
    (x, g) => {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const r = x[i] - solution[i] + extra[i];
        sum += (r * r) / 2;
        g[i] = r;
      }
      for (const [k, row] of rows.entries()) {
        let r = residual[k];
        for (const [j, a] of row) r += a * (x[j] - solution[j]);
        sum += (r * r) / 2;
        for (const [j, a] of row) g[j] += a * r;
      }
      return sum;
    };
  const residual = rows.map(() => next() - 0.5);
  const pull = new Float64Array(size);
  const origin = Float64Array.from(solution);
  cost(residual, new Array(size).fill(0))(origin, pull);
  const extra = multiplier.map((zi, i) => zi - pull[i]);
  const minimum = cost(residual, extra)(origin, pull);
  const bounds = everywhere(size, 0, Infinity);
  return problemOf(cost(residual, extra), bounds, new Array(size).fill(1), minimum);
}

/** One-sided penalties, as of doses: sum_k w_k max(0, +-(a_k . x - t_k))^2, least cost 0. */
function oneSided(size: number, seed: number): Case {
  const next = uniforms(seed);
  const reached = many(size, () => Math.max(0, next() - 0.3));
  const rows = many(3 * size, () => {
    const terms = many(5, () => [Math.floor(next() * size), next()] as const);
    const level = terms.reduce((sum, [j, a]) => sum + a * reached[j], 0);
    const side = next() < 0.5 ? 1 : -1;
    return { terms, side, level: level + 0.1 * side * next(), weight: 10 * next() };
  });
  const cost: Cost = (x, g) => {
    let sum = 0;
    g.fill(0);
    for (const { terms, side, level, weight } of rows) {
      let excess = -level;
      for (const [j, a] of terms) excess += a * x[j];
      if (excess * side <= 0) continue;
      sum += weight * excess * excess;
      for (const [j, a] of terms) g[j] += 2 * weight * excess * a;
    }
    return sum;
  };
  return problemOf(cost, everywhere(size, 0, Infinity), new Array(size).fill(2), 0);
}

const distance: Cost = (x, g) => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    g[i] = 2 * (x[i] - 3);
    sum += (x[i] - 3) ** 2;
  }
  return sum;
};

/** Known minima. Those of boxed Rosenbrock and Powell are SciPy 1.17.1's, with all tolerances 0. */
const CASES: Record<string, Case> = {
  'one variable': problemOf(distance, [[-10, 10]], [-4], 0),
  'one variable, minimum outside': problemOf(distance, [[0, 2]], [1], 1),
  'one variable without bounds': problemOf(distance, [[-Infinity, Infinity]], [80], 0),
  'all variables fixed': problemOf(
    rosenbrock,
    [
      [2, 2],
      [1, 1],
    ],
    [0, 9],
    901,
  ),
  'some variables fixed': problemOf(
    distance,
    [
      [0, 9],
      [1, 1],
      [4, 4],
    ],
    [7, 0, 9],
    5,
  ),
  'start at active bounds': problemOf(rosenbrock, everywhere(4, -2, 2), [-2, 2, -2, 2], 0),
  'start outside the bounds': problemOf(distance, [[1, 7]], [-50], 0),
  'start at the minimum': problemOf(distance, [[1, 7]], [3], 0),
  'start at the minimum, at a bound': problemOf(distance, [[4, 7]], [4], 1),
  'separable quadratic': separable(40, 100, -Infinity, Infinity),
  'separable quadratic in a box': separable(40, 1000, 0, 1),
  'nonnegative least squares': nonnegativeLeastSquares(100, 7),
  'nonnegative least squares, another': nonnegativeLeastSquares(60, 8),
  'one-sided penalties': oneSided(50, 9),
  'Rosenbrock, 2 variables': problemOf(rosenbrock, everywhere(2, -5, 5), [-1.2, 1], 0),
  'Rosenbrock, 10 variables, 0.5 at most': problemOf(
    rosenbrock,
    everywhere(10, -1.5, 0.5),
    many(10, (i) => (i % 2 ? 0.5 : -1.2)),
    7.594812948946874,
  ),
  'Powell in a box': problemOf(
    powell,
    [
      [0.1, Infinity],
      [-Infinity, Infinity],
      [-Infinity, Infinity],
      [-Infinity, 0.5],
    ],
    [3, -1, 0, 0.5],
    0.00018781963005830334,
  ),
  Wood: problemOf(wood, everywhere(4, -Infinity, Infinity), [-3, -1, -3, -1], 0),
};

const TIGHT = { projectedGradientTolerance: 1e-9, relativeReductionTolerance: 0 };
type AnyOptimizer = Optimizer<unknown, TwoLevelProblem>;
/** Knows nothing of the cost, so that all has to be learnt. */
const identity = {
  multiply: (v: Float64Array, out: Float64Array) => out.set(v),
  among: () => (v: Float64Array, out: Float64Array) => out.set(v),
};
const METHODS: Record<string, AnyOptimizer> = {
  modelNewton: modelNewton(identity) as AnyOptimizer,
  lbfgsb: lbfgsb(TIGHT) as AnyOptimizer,
  'lbfgsb, memory 1': lbfgsb({ ...TIGHT, memory: 1 }) as AnyOptimizer,
  projectedGradient: projectedGradient(TIGHT) as AnyOptimizer,
  twoLevel: twoLevel(TIGHT) as AnyOptimizer,
};

const TABLE = Object.keys(METHODS).flatMap((method) =>
  Object.keys(CASES).map((name) => ({ method, name })),
);

describe.each(TABLE)('$method on $name', ({ method, name }) => {
  const optimizer = METHODS[method];
  const problem = CASES[name];

  it('finds the minimum, at a point with the KKT conditions', async () => {
    const result = await minimise(optimizer, problem, problem.start, { maxIterations: 3000 });
    const scale = Math.max(1, Math.abs(problem.minimum));
    expect(['converged', 'stalled']).toContain(result.status);
    expect(Math.abs(result.value - problem.minimum)).toBeLessThan(1e-8 * scale);
    const gradient = new Float64Array(problem.size);
    expect(await problem.valueAndGradient(result.x, gradient)).toBe(result.value);
    expect(projectedGradientInf(result.x, gradient, problem)).toBeLessThan(1e-4);
  });

  it('asks for points within the bounds only, and never loses its best', async () => {
    const checked = (x: Float64Array) => {
      for (let i = 0; i < x.length; i++) {
        if (!(x[i] >= problem.lower[i] && x[i] <= problem.upper[i])) {
          throw new Error(`variable ${i} is ${x[i]}`);
        }
      }
      return x;
    };
    const watch = (inner: DifferentiableProblem): DifferentiableProblem => ({
      ...inner,
      value: (x) => inner.value(checked(x)),
      valueAndGradient: (x, g) => inner.valueAndGradient(checked(x), g),
    });
    const watched: TwoLevelProblem = { ...watch(problem), coarse: watch(problem.coarse) };
    let state = await optimizer.init(watched, problem.start, 1);
    for (let k = 0; k < 60 && optimizer.status(state) === 'running'; k++) {
      const before = optimizer.best(state);
      state = await optimizer.step(watched, state);
      const after = optimizer.best(state);
      expect(after.value).toBeLessThanOrEqual(before.value);
      expect(await problem.value(after.x)).toBe(after.value);
    }
  });

  it('continues from a saved state bit for bit, at every iteration', async () => {
    let state = await optimizer.init(problem, problem.start, 1);
    for (let k = 0; k < 60 && optimizer.status(state) === 'running'; k++) {
      const saved = structuredClone(state);
      const next = await optimizer.step(problem, state);
      expect(isDeepStrictEqual(state, saved)).toBe(true);
      state = await optimizer.step(problem, saved);
      expect(isDeepStrictEqual(state, next)).toBe(true);
    }
  });
});

describe.each(Object.keys(CASES))('the gradient of %s', (name) => {
  it('agrees with central differences', async () => {
    const { size, value, valueAndGradient } = CASES[name];
    const next = uniforms(3);
    const x = Float64Array.from({ length: size }, () => 2 * next() - 0.5);
    const gradient = new Float64Array(size);
    await valueAndGradient(x, gradient);
    // Error of central differences: third derivative x h^2 / 6 against rounding / h.
    const h = 1e-5;
    for (let i = 0; i < Math.min(size, 12); i++) {
      const shifted = (by: number) => value(x.map((xi, k) => (k === i ? xi + by : xi)));
      const slope = ((await shifted(h)) - (await shifted(-h))) / (2 * h);
      expect(Math.abs(slope - gradient[i])).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
    }
  });
});

/** A quadratic of condition 1e6 along directions that mix all variables by a reflection. */
function mixedQuadratic(lower: number, upper: number, start: number, minimum: number): Case {
  const size = 50;
  const next = uniforms(1);
  const raw = many(size, () => next() - 0.5);
  const length = Math.sqrt(raw.reduce((sum, r) => sum + r * r, 0));
  const v = raw.map((r) => r / length);
  const c = many(size, () => 2 * next() - 1);
  const d = many(size, (i) => 10 ** ((6 * i) / (size - 1) - 3));
  const reflect = (z: number[]) => {
    const along = z.reduce((sum, zi, i) => sum + zi * v[i], 0);
    return z.map((zi, i) => zi - 2 * v[i] * along);
  };
  const cost: Cost = (x, g) => {
    const h = reflect(c.map((ci, i) => x[i] - ci));
    g.set(reflect(h.map((hi, i) => d[i] * hi)));
    return h.reduce((sum, hi, i) => sum + (d[i] * hi * hi) / 2, 0);
  };
  return problemOf(cost, everywhere(size, lower, upper), new Array(size).fill(start), minimum);
}

describe('the cost of L-BFGS-B', () => {
  const free = [-Infinity, Infinity] as const;
  const zigzag = (size: number, odd: number) => many(size, (i) => (i % 2 ? odd : -1.2));
  // Evaluations after which SciPy 1.17.1's L-BFGS-B (maxcor 20) has closed all but 1e-6 of the gap
  // between start and minimum.
  it.each([
    ['Rosenbrock, n = 2', problemOf(rosenbrock, everywhere(2, ...free), zigzag(2, 1), 0), 42],
    [
      'Rosenbrock, n = 100',
      problemOf(rosenbrock, everywhere(100, ...free), zigzag(100, 1), 0),
      587,
    ],
    [
      'Rosenbrock, n = 100, in a box',
      problemOf(rosenbrock, everywhere(100, -1.5, 0.5), zigzag(100, 0.5), 96.68553161751234),
      27,
    ],
    [
      'Rosenbrock, n = 1000, in a box',
      problemOf(rosenbrock, everywhere(1000, -1.5, 0.5), zigzag(1000, 0.5), 987.59271830318),
      26,
    ],
    ['Powell', problemOf(powell, everywhere(4, ...free), [3, -1, 0, 1], 0), 18],
    ['Powell in a box', CASES['Powell in a box'], 15],
    ['Wood', CASES.Wood, 119],
    ['quadratic, x >= 0', mixedQuadratic(0, Infinity, 1, 167.0380674569101), 217],
  ])('is at most 1.1 times that of SciPy: %s', async (_name, problem, peer) => {
    const first = await problem.value(problem.start);
    const result = await minimise(lbfgsb(TIGHT), problem, problem.start, {
      maxIterations: 2000,
      targetValue: problem.minimum + 1e-6 * (first - problem.minimum),
    });
    expect(result.status).toBe('converged');
    expect(result.evaluations).toBeLessThanOrEqual(Math.ceil(1.1 * peer));
  });

  it('is about one evaluation an iteration on costs like those of plans', async () => {
    const result = await minimise(
      lbfgsb(),
      CASES['nonnegative least squares'],
      new Float64Array(100),
      {
        maxIterations: 500,
      },
    );
    expect(result.status).toBe('converged');
    expect(result.evaluations).toBeLessThanOrEqual(result.iterations + 4);
  });
});

describe('the methods', () => {
  it.each([
    [() => lbfgsb({ memory: 0 }), 'lbfgsb.memory: is 0; allowed: an integer of 1 or more'],
    [
      () => lbfgsb({ projectedGradientTolerance: -1 }),
      'lbfgsb.projectedGradientTolerance: is -1; allowed: a number of 0 or more',
    ],
    [
      () => projectedGradient({ relativeReductionTolerance: Number.NaN }),
      'projectedGradient.relativeReductionTolerance: is NaN; allowed: a number of 0 or more',
    ],
  ])('refuse settings out of range: %s', (make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });

  it('end as stalled where the gradient is not that of the cost', async () => {
    const rising: Cost = (x, g) => {
      g[0] = -1;
      return x[0] * x[0] + x[0];
    };
    const lying = problemOf(rising, [[0, 1]], [0.5], 0);
    for (const method of Object.values(METHODS)) {
      const result = await minimise(method, lying, lying.start, { maxIterations: 100 });
      expect(result.status).toBe('stalled');
    }
  });

  it('end soon at the precision of a cost that is rounded to single precision', async () => {
    const exact = CASES['nonnegative least squares'];
    const rounded: TwoLevelProblem = {
      ...exact,
      value: async (x) => Math.fround(await exact.value(x)),
      valueAndGradient: async (x, g) => Math.fround(await exact.valueAndGradient(x, g)),
    };
    for (const [name, method] of Object.entries(METHODS)) {
      const result = await minimise(method, rounded, exact.start, { maxIterations: 1000 });
      expect(['converged', 'stalled']).toContain(result.status);
      expect(Math.abs(result.value / exact.minimum - 1)).toBeLessThan(2 ** -23);
      expect(result.evaluations, name).toBeLessThan(name === 'lbfgsb' ? 60 : 500);
    }
  });

  it('have a sentence of advice for every status', () => {
    for (const advice of Object.values(STATUS_ADVICE)) expect(advice).toMatch(/^[A-Z].*: .*\.$/);
  });
});
