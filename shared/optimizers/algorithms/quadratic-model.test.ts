import { describe, expect, it } from 'vitest';
import { cauchyPoint } from './cauchy-point.js';
import {
  addProduct,
  type CurvaturePairs,
  emptyPairs,
  freeMiddleMatrix,
  middleMatrix,
  rowOf,
  transposedProduct,
  withFree,
  withPair,
} from './curvature-pairs.js';
import { factorSigned, solveLower, solveUpper } from './signed-cholesky.js';
import { freeVariables, subspaceMinimum } from './subspace-minimum.js';
import { uniforms } from './toy-numbers.js';

const SIZE = 7;
const CAPACITY = 3;

/** A memory after `count` pairs of a convex quadratic, with its free variables changing between. */
function randomPairs(count: number, next: () => number): CurvaturePairs {
  const diagonal = Float64Array.from({ length: SIZE }, () => 0.1 + 5 * next());
  let pairs = emptyPairs(SIZE);
  for (let k = 0; k < count; k++) {
    pairs = withFree(
      pairs,
      Uint8Array.from({ length: SIZE }, () => (next() < 0.6 ? 1 : 0)),
    );
    const s = Float64Array.from({ length: SIZE }, () => next() - 0.5);
    const sum = s.reduce((a, b) => a + b, 0);
    const y = s.map((si, i) => diagonal[i] * si + 0.3 * sum);
    pairs = withPair(pairs, s, y, CAPACITY);
  }
  return pairs;
}

const product = (a: ArrayLike<number>, b: ArrayLike<number>, where = (_: number) => true) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (where(i)) sum += a[i] * b[i];
  return sum;
};

/** B from its definition: the BFGS update, pair by pair, from theta I. */
function denseHessian({ theta, steps, changes }: CurvaturePairs): number[][] {
  const indices = [...Array(SIZE).keys()];
  let b = indices.map((i) => indices.map((j) => (i === j ? theta : 0)));
  steps.forEach((s, k) => {
    const y = changes[k];
    const bs = b.map((row) => product(row, s));
    const [sbs, sy] = [product(s, bs), product(s, y)];
    b = b.map((row, i) => row.map((e, j) => e - (bs[i] * bs[j]) / sbs + (y[i] * y[j]) / sy));
  });
  return b;
}

describe('the memory', () => {
  it.each([1, 2, 3, 5, 9])('after %i pairs holds the products of the newest', (count) => {
    const { steps, changes, free, ...kept } = randomPairs(count, uniforms(count));
    expect(steps.length).toBe(Math.min(count, CAPACITY));
    const isFree = (i: number) => free[i] === 1;
    const isFixed = (i: number) => free[i] === 0;
    steps.forEach((s, i) => {
      changes.forEach((y, j) => {
        const at = i * steps.length + j;
        expect(kept.stepStep[at]).toBeCloseTo(product(s, steps[j]), 13);
        if (j <= i) expect(kept.stepChange[at]).toBeCloseTo(product(s, y), 13);
        expect(kept.freeChangeChange[at]).toBeCloseTo(product(changes[i], y, isFree), 12);
        expect(kept.fixedStepStep[at]).toBeCloseTo(product(s, steps[j], isFixed), 13);
        const side = i <= j ? isFree : isFixed;
        expect(kept.mixedStepChange[at]).toBeCloseTo(product(s, y, side), 12);
      });
    });
    const newest = steps.length - 1;
    const [s, y] = [steps[newest], changes[newest]];
    expect(kept.theta).toBeCloseTo(product(y, y) / product(s, y), 12);
  });

  it('multiplies by W and its transpose as adjoints, row by row', () => {
    const next = uniforms(5);
    const pairs = randomPairs(4, next);
    const v = Float64Array.from({ length: SIZE }, next);
    const c = Float64Array.from({ length: 2 * CAPACITY }, next);
    const wtv = new Float64Array(2 * CAPACITY);
    transposedProduct(pairs, v, wtv);
    const wc = new Float64Array(SIZE);
    addProduct(pairs, c, 1, wc);
    expect(product(wc, v)).toBeCloseTo(product(wtv, c), 12);
    const row = new Float64Array(2 * CAPACITY);
    for (let k = 0; k < SIZE; k++) {
      rowOf(pairs, k, row);
      expect(wc[k]).toBeCloseTo(product(row, c), 12);
    }
  });

  it.each([1, 2, 3, 6])('is the BFGS matrix of its pairs in compact form (%i pairs)', (count) => {
    const next = uniforms(20 + count);
    const pairs = randomPairs(count, next);
    const order = 2 * pairs.steps.length;
    const factor = factorSigned(middleMatrix(pairs), order, order / 2);
    if (!factor) throw new Error('M exists where all s . y > 0');
    const v = Float64Array.from({ length: SIZE }, () => next() - 0.5);
    const inner = new Float64Array(order);
    transposedProduct(pairs, v, inner);
    solveLower(factor, inner);
    solveUpper(factor, inner);
    const bv = v.map((vi) => pairs.theta * vi);
    addProduct(pairs, inner, -1, bv);
    denseHessian(pairs).forEach((row, i) => {
      expect(bv[i]).toBeCloseTo(product(row, v), 10);
    });
    expect(factorSigned(freeMiddleMatrix(pairs), order, order / 2)).not.toBeNull();
  });
});

/** A point in a box, some variables at bounds, one fixed, one without bounds; and a gradient. */
function randomScene(seed: number) {
  const next = uniforms(seed);
  const lower = Float64Array.from({ length: SIZE }, () => -next());
  const upper = lower.map((low) => low + 2 * next());
  upper[1] = lower[1];
  [lower[2], upper[2]] = [-Infinity, Infinity];
  const x = lower.map((low, i) => {
    if (i === 2) return next();
    const place = next();
    if (place < 0.3) return low;
    return place > 0.8 ? upper[i] : low + place * (upper[i] - low);
  });
  const gradient = Float64Array.from({ length: SIZE }, () => 4 * next() - 2);
  const pairs = randomPairs(seed % 5, next);
  const hessian = denseHessian(pairs);
  const model = (z: Float64Array) => {
    const step = z.map((zi, i) => zi - x[i]);
    const curved = hessian.map((row) => product(row, step));
    return product(gradient, step) + product(step, curved) / 2;
  };
  const modelGradient = (z: Float64Array) => {
    const step = z.map((zi, i) => zi - x[i]);
    return hessian.map((row, i) => gradient[i] + product(row, step));
  };
  return { x, gradient, bounds: { lower, upper }, pairs, model, modelGradient };
}

const SEEDS = [...Array(40).keys()];

describe('the generalised Cauchy point', () => {
  it.each(SEEDS)('is the first minimum of the model on the projected path (seed %i)', (seed) => {
    const { x, gradient, bounds, pairs, model } = randomScene(seed);
    const cauchy = cauchyPoint(x, gradient, bounds, pairs);
    if (!cauchy) throw new Error('the memory is well-conditioned');
    const at = (t: number) =>
      x.map((xi, i) => Math.max(bounds.lower[i], Math.min(bounds.upper[i], xi - t * gradient[i])));
    // Variable 2 has no bounds, so it alone tells the time on the path.
    const time = (x[2] - cauchy[2]) / gradient[2];
    at(time).forEach((z, i) => {
      expect(cauchy[i]).toBeCloseTo(z, 12);
    });
    let before = 0;
    for (let k = 1; k <= 50; k++) {
      const value = model(at((time * k) / 50));
      expect(value).toBeLessThan(before);
      before = value;
    }
    expect(model(at(time * 1.001))).toBeGreaterThan(before);
  });

  it('stays where every variable is held', () => {
    const bounds = { lower: Float64Array.of(0, 1), upper: Float64Array.of(0, 9) };
    const x = Float64Array.of(0, 1);
    const cauchy = cauchyPoint(x, Float64Array.of(-3, 2), bounds, emptyPairs(2));
    expect(cauchy).toEqual(x);
  });
});

describe('the subspace minimum', () => {
  it.each(SEEDS)('is the minimum of the model where no bound interferes (seed %i)', (seed) => {
    const { x, gradient, bounds, pairs, modelGradient } = randomScene(seed);
    const cauchy = cauchyPoint(x, gradient, bounds, pairs);
    if (!cauchy) throw new Error('the memory is well-conditioned');
    const free = freeVariables(cauchy, bounds);
    // Bounds moved out of the way, but for the variables that the Cauchy point holds.
    const open = {
      lower: bounds.lower.map((low, i) => (free[i] ? -1e9 : low)),
      upper: bounds.upper.map((high, i) => (free[i] ? 1e9 : high)),
    };
    const goal = subspaceMinimum(x, gradient, open, withFree(pairs, free), cauchy);
    if (!goal || pairs.steps.length === 0) return expect(goal).toBe(cauchy);
    const slope = modelGradient(goal);
    free.forEach((isFree, i) => {
      if (isFree) expect(slope[i]).toBeCloseTo(0, 9);
      else expect(goal[i]).toBe(cauchy[i]);
    });
  });

  it.each(SEEDS)('lies in the box, in a descent direction (seed %i)', (seed) => {
    const { x, gradient, bounds, pairs } = randomScene(seed);
    const cauchy = cauchyPoint(x, gradient, bounds, pairs);
    if (!cauchy) throw new Error('the memory is well-conditioned');
    const model = withFree(pairs, freeVariables(cauchy, bounds));
    const goal = subspaceMinimum(x, gradient, bounds, model, cauchy);
    if (!goal) throw new Error('the memory is well-conditioned');
    for (let i = 0; i < SIZE; i++) {
      expect(goal[i]).toBeGreaterThanOrEqual(bounds.lower[i]);
      expect(goal[i]).toBeLessThanOrEqual(bounds.upper[i]);
    }
    expect(product(gradient, goal) - product(gradient, x)).toBeLessThan(0);
  });
});
