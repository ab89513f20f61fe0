import { describe, expect, it } from 'vitest';
import {
  type DifferentiableProblem,
  InputError,
  projectedGradientInf,
  type TwoLevelProblem,
} from '../problem/index.js';
import { lbfgsb, minimise, twoLevel } from './index.js';
import { uniforms } from './toy-numbers.js';

type Cost = (x: Float64Array, gradient: Float64Array) => number;

const SIZE = 40;
const START = new Float64Array(SIZE).fill(1);

/** |A x - b|^2 / 2 of the rows that are kept, times `scale`, and a little |x|^2. */
type Squares = (keeps: (row: number) => boolean, scale: number) => Cost;

/** Least squares with a sparse matrix whose columns differ in size by up to a factor `spread`. */
function squaresOf(spread: number): Squares {
  const next = uniforms(3);
  const rows = Array.from({ length: 6 * SIZE }, () => ({
    terms: Array.from({ length: 6 }, () => {
      const column = Math.floor(next() * SIZE);
      return [column, next() * spread ** (-column / SIZE)] as const;
    }),
    goal: 3 * next(),
  }));
  return (keeps, scale) => {
    const kept = rows.filter((_, row) => keeps(row));
    return (x, gradient) => {
      let sum = 0;
      gradient.fill(0);
      for (const { terms, goal } of kept) {
        let r = -goal;
        for (const [j, a] of terms) r += a * x[j];
        sum += (scale * r * r) / 2;
        for (const [j, a] of terms) gradient[j] += scale * a * r;
      }
      for (let i = 0; i < SIZE; i++) {
        sum += 0.0005 * x[i] * x[i];
        gradient[i] += 0.001 * x[i];
      }
      return sum;
    };
  };
}

const easy = squaresOf(1);
const hard = squaresOf(30);
const isAny = () => true;

/** A problem over x >= 0 that counts its evaluations. */
function problemOf(cost: Cost) {
  const seen = { evaluations: 0 };
  const evaluate: DifferentiableProblem['valueAndGradient'] = async (x, gradient) => {
    seen.evaluations++;
    return cost(x, gradient);
  };
  const problem: DifferentiableProblem = {
    size: SIZE,
    lower: new Float64Array(SIZE),
    upper: new Float64Array(SIZE).fill(Number.POSITIVE_INFINITY),
    value: (x) => evaluate(x, new Float64Array(SIZE)),
    valueAndGradient: evaluate,
  };
  return { problem, seen };
}

const separate = (
  term: (xi: number, i: number) => readonly [value: number, slope: number],
): Cost => {
  return (x, gradient) => {
    let sum = 0;
    for (let i = 0; i < SIZE; i++) {
      const [value, slope] = term(x[i], i);
      sum += value;
      gradient[i] = slope;
    }
    return sum;
  };
};
const times =
  (factor: number, cost: Cost): Cost =>
  (x, gradient) => {
    const value = factor * cost(x, gradient);
    for (let i = 0; i < SIZE; i++) gradient[i] *= factor;
    return value;
  };

const TIGHT = { projectedGradientTolerance: 1e-7, relativeReductionTolerance: 0 };

const EXACT = { projectedGradientTolerance: 1e-10, relativeReductionTolerance: 0 };

/** Runs with a coarse problem, and with L-BFGS-B on the problem itself. */
async function run(fine: Cost, coarse: Cost, options = TIGHT) {
  const { problem, seen } = problemOf(fine);
  const twin: TwoLevelProblem = { ...problem, coarse: problemOf(coarse).problem };
  const result = await minimise(twoLevel(options), twin, START, { maxIterations: 300 });
  const { evaluations } = seen;
  const direct = await minimise(lbfgsb(EXACT), problem, START, { maxIterations: 2000 });
  const [first, least] = [direct.trace[0], direct.value];
  /** What is left of the way from the start to the minimum, iteration by iteration. */
  const gaps = (trace: readonly number[]) =>
    trace.map((value) => (value - least) / (first - least));
  for (let k = 1; k < result.trace.length; k++) {
    expect(result.trace[k]).toBeLessThanOrEqual(result.trace[k - 1]);
  }
  const twinGaps = gaps(result.trace);
  const gap = twinGaps[twinGaps.length - 1];
  return { ...result, gap, gaps: twinGaps, directGaps: gaps(direct.trace), seen: evaluations };
}

describe('two-level minimisation', () => {
  it('ends soon where the coarse problem is the problem', async () => {
    const cost = hard(isAny, 1);
    const { gap, iterations } = await run(cost, cost);
    expect(gap).toBeLessThan(1e-12);
    expect(iterations).toBeLessThanOrEqual(6);
  });

  it.each([1e3, 1e-3])(
    'needs one iteration for a coarse problem of %d times that',
    async (scale) => {
      const cost = hard(isAny, 1);
      // Enough coarse iterations for the coarse minimum: the fine one lies there too.
      const patient = { ...TIGHT, coarseIterations: 60, memory: 20 };
      expect((await run(cost, times(scale, cost), patient)).gaps[1]).toBeLessThan(1e-6);
    },
  );

  it.each([
    ['nine rows of ten', hard((row) => row % 10 !== 0, 10 / 9)],
    ['two rows of three', hard((row) => row % 3 !== 0, 3 / 2)],
    ['every other row', hard((row) => row % 2 === 0, 2)],
  ])('reaches the minimum with a coarse problem of %s', async (_name, coarse) => {
    const cost = hard(isAny, 1);
    const { gap, x, status, evaluations, seen } = await run(cost, coarse);
    expect(['converged', 'stalled']).toContain(status);
    expect(gap).toBeLessThan(1e-11);
    const gradient = new Float64Array(SIZE);
    cost(x, gradient);
    expect(projectedGradientInf(x, gradient, problemOf(cost).problem)).toBeLessThan(1e-5);
    // Of the coarse problem no evaluation is counted.
    expect(evaluations).toBe(seen);
  });

  it('takes fewer iterations than L-BFGS-B on the problem with a good coarse one', async () => {
    const coarse = hard((row) => row % 10 !== 0, 10 / 9);
    const { gaps, directGaps } = await run(hard(isAny, 1), coarse);
    const until = (values: readonly number[]) => values.findIndex((gap) => gap < 1e-6);
    expect(4 * until(gaps)).toBeLessThan(until(directGaps));
  });

  it('stays at a minimum without a look at the coarse problem', async () => {
    const { problem } = problemOf(easy(isAny, 1));
    const { x } = await minimise(lbfgsb(EXACT), problem, START, { maxIterations: 2000 });
    const { problem: coarse, seen } = problemOf(easy(isAny, -1));
    const optimizer = twoLevel({ projectedGradientTolerance: 1e-5 });
    const result = await minimise(optimizer, { ...problem, coarse }, x, { maxIterations: 9 });
    expect([result.status, result.iterations, seen.evaluations]).toEqual(['converged', 0, 0]);
  });

  it.each([
    [() => twoLevel({ coarseIterations: 0 }), 'twoLevel.coarseIterations: is 0'],
    [
      () => twoLevel({ projectedGradientTolerance: -1 }),
      'twoLevel.projectedGradientTolerance: is -1',
    ],
    [
      () => twoLevel({ relativeReductionTolerance: Number.NaN }),
      'twoLevel.relativeReductionTolerance: is NaN',
    ],
    [() => twoLevel({ memory: 0 }), 'twoLevel.memory: is 0'],
  ])('refuses settings out of range: %s', (make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe('with a useless coarse problem', () => {
  const cost = easy(isAny, 1);

  // Where it runs away, steps of L-BFGS-B on the problem itself take over.
  it.each([
    ['the negative of the problem', times(-1, cost)],
    ['linear, without a minimum', separate((xi) => [-xi, -1])],
    ['without a minimum, and soon infinite', separate((xi) => [-Math.exp(xi), -Math.exp(xi)])],
    [
      'blind for half of the variables',
      separate((xi, i) => (i % 2 === 0 ? [(xi - 1) ** 2, 2 * (xi - 1)] : [0, 0])),
    ],
    ['with its minimum far away', separate((xi) => [(xi - 1e5) ** 2, 2 * (xi - 1e5)])],
    ['never a number', separate(() => [Number.NaN, Number.NaN])],
  ])('reaches the minimum all the same: %s', async (_name, coarse) => {
    const { gap, status } = await run(cost, coarse);
    expect(['converged', 'stalled', 'budget-spent']).toContain(status);
    expect(gap).toBeLessThan(1e-6);
  });

  it('goes down the gradient, step by step, where the coarse problem is flat', async () => {
    const { gaps, gap } = await run(
      cost,
      separate(() => [0, 0]),
    );
    expect(gaps[50]).toBeLessThan(0.1);
    expect(gap).toBeLessThan(0.01);
  });

  it('may call slow progress converged, as its tolerance says', async () => {
    const options = { projectedGradientTolerance: 0, relativeReductionTolerance: 1e-4 };
    const { status, trace } = await run(
      cost,
      separate(() => [0, 0]),
      options,
    );
    expect(status).toBe('converged');
    const [before, last] = trace.slice(-2);
    expect(before - last).toBeLessThanOrEqual(1e-4 * last);
  });
});
