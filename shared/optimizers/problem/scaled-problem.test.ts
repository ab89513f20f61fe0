import { expect, it } from 'vitest';
import { lbfgsb, minimise } from '../algorithms/index.js';
import type { DifferentiableProblem } from './index.js';
import { scaledProblem } from './index.js';

/** A quadratic with very different curvatures along its variables, and one active bound. */
const curvatures = Float64Array.of(1e-4, 1, 1e4);
const least = Float64Array.of(3, -1, 2);
const cost = (x: Float64Array) =>
  x.reduce((sum, value, i) => sum + curvatures[i] * (value - least[i]) ** 2, 0);
const problem: DifferentiableProblem = {
  size: 3,
  lower: new Float64Array(3),
  upper: new Float64Array(3).fill(Infinity),
  value: async (x) => cost(x),
  valueAndGradient: async (x, gradient) => {
    for (let i = 0; i < 3; i++) gradient[i] = 2 * curvatures[i] * (x[i] - least[i]);
    return cost(x);
  },
};

it('is the same problem in other units, gradient and bounds included', async () => {
  const scale = Float64Array.of(100, 1, 0.01);
  const scaled = scaledProblem(problem, scale);
  const z = Float64Array.of(0.1, 0.4, 30);
  const gradient = new Float64Array(3);
  expect(await scaled.valueAndGradient(z, gradient)).toBe(cost(z.map((v, i) => v * scale[i])));
  for (let i = 0; i < 3; i++) {
    const at = (step: number) => scaled.value(z.map((v, j) => (i === j ? v + step : v)));
    const slope = ((await at(1e-4)) - (await at(-1e-4))) / 2e-4;
    expect(slope).toBeCloseTo(gradient[i], 4);
  }
  const start = Float64Array.of(1, 1, 1);
  const { x } = await minimise(lbfgsb(), scaled, start, { maxIterations: 100 });
  const unscaled = x.map((v, i) => v * scale[i]);
  expect(unscaled[0]).toBeCloseTo(3, 3);
  expect(unscaled[1]).toBe(0);
  expect(unscaled[2]).toBeCloseTo(2, 3);
});
