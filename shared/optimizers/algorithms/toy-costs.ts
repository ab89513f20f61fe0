/** Classic costs, for tests of methods that ask for nothing but costs; each at least 0. */
import { cos, sin } from '@isola/kernels/elementary';
import type { Problem } from '../problem/index.js';

export type Cost = (x: Float64Array) => number;

/** Such a cost of `n` variables with the same bounds. */
export function boxProblem(n: number, lower: number, upper: number, cost: Cost): Problem {
  return {
    size: n,
    lower: new Float64Array(n).fill(lower),
    upper: new Float64Array(n).fill(upper),
    value: async (x) => cost(x),
  };
}

export const sphere: Cost = (x) => x.reduce((sum, xi) => sum + xi * xi, 0);

/** A curved valley; 0 at 1. */
export const rosenbrock: Cost = (x) => {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [bend, rest] = [x[i + 1] - x[i] * x[i], 1 - x[i]];
    sum += 100 * bend * bend + rest * rest;
  }
  return sum;
};

/** A minimum near every point of whole numbers; 0 at 0. */
export const rastrigin: Cost = (x) =>
  x.reduce((sum, xi) => sum + 10 + xi * xi - 10 * cos(2 * Math.PI * xi), 0);

/** Its best minima lie far apart, near the bounds of -500 and 500; 0 at 420.9687. */
export const schwefel: Cost = (x) =>
  x.reduce((sum, xi) => sum + 418.9828872724338 - xi * sin(Math.sqrt(Math.abs(xi))), 0);
