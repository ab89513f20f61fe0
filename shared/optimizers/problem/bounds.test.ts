import { describe, expect, it } from 'vitest';
import {
  checkProblem,
  feasibleStart,
  firstCrossedBound,
  InputError,
  type Problem,
  projectedGradientInf,
  projectOntoBounds,
} from './index.js';

function box(lower: number[], upper: number[], size = lower.length): Problem {
  const bounds = { lower: Float64Array.from(lower), upper: Float64Array.from(upper) };
  return { size, ...bounds, value: async () => 0 };
}

describe('checkProblem', () => {
  const start = Float64Array.of(0, 0);
  it.each([
    ['problem.size', box([], []), new Float64Array(0)],
    ['lower', box([0], [1, 1], 2), start],
    ['upper', box([0, 0], [1], 2), start],
    ['start', box([0, 0], [1, 1]), Float64Array.of(1)],
    ['lower[1]', box([0, Number.NaN], [1, 1]), start],
    ['lower[0]', box([Infinity, 0], [Infinity, 1]), start],
    ['upper[1]', box([0, 0], [1, Number.NaN]), start],
    ['upper[0]', box([-Infinity, 0], [-Infinity, 1]), start],
    ['start[1]', box([0, 0], [1, 1]), Float64Array.of(0, Number.NaN)],
    ['start[0]', box([0, 0], [1, 1]), Float64Array.of(Infinity, 0)],
  ])('names %s as the place of the mistake', (place, problem, x) => {
    expect(() => checkProblem(problem, x)).toThrow(InputError);
    expect(() => checkProblem(problem, x)).toThrow(`${place}: `);
  });

  it('accepts infinite, equal and crossed bounds', () => {
    checkProblem(box([-Infinity, 1], [Infinity, 1]), start);
    checkProblem(box([0, 2], [1, 1]), start);
  });
});

describe('the box', () => {
  it('is empty where a lower bound lies above its upper one', () => {
    expect(firstCrossedBound(box([0, 1, 3], [0, 2, 2]))).toBe(2);
    expect(firstCrossedBound(box([0, 1, 2], [0, 2, 2]))).toBe(-1);
    expect(() => feasibleStart(box([0, 3], [1, 2]), Float64Array.of(0, 0))).toThrow(
      'lower[1]: is 3; allowed: at most upper, 2',
    );
  });

  it('takes a point to its nearest point inside, exactly, and leaves the start alone', () => {
    const problem = box([0, 0.1, -Infinity], [0, 0.3, Infinity]);
    const start = Float64Array.of(-1, 7, 5);
    expect([...feasibleStart(problem, start)]).toEqual([0, 0.3, 5]);
    expect([...start]).toEqual([-1, 7, 5]);
    expect(projectOntoBounds(start, problem)).toBe(start);
    expect([...start]).toEqual([0, 0.3, 5]);
  });
});

describe('projectedGradientInf', () => {
  it('is the largest entry of |P(x - g) - x|', () => {
    const bounds = box([0, 0, -Infinity, 2], [1, 1, Infinity, 2]);
    const x = Float64Array.of(0.25, 0.75, 3, 2);
    const g = Float64Array.of(4, -4, 0.125, 9);
    const moved = projectOntoBounds(
      x.map((xi, i) => xi - g[i]),
      bounds,
    );
    const largest = Math.max(...moved.map((m, i) => Math.abs(m - x[i])));
    expect(projectedGradientInf(x, g, bounds)).toBe(largest);
  });

  it('is 0 where the gradient points out of the box, and NaN for NaN', () => {
    const bounds = box([0, 0], [1, 1]);
    expect(projectedGradientInf(Float64Array.of(0, 1), Float64Array.of(5, -5), bounds)).toBe(0);
    const broken = Float64Array.of(Number.NaN, -5);
    expect(projectedGradientInf(Float64Array.of(0, 1), broken, bounds)).toBeNaN();
  });
});
