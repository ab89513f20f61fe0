import type { DifferentiableProblem } from './problem.js';

/**
 * The same problem in other units: x = scale * z, element by element. Where the costs of variables
 * differ much in curvature, units that level them out save a quasi-Newton method many iterations.
 * @param scale positive, one a variable
 */
export function scaledProblem(
  problem: DifferentiableProblem,
  scale: Float64Array,
): DifferentiableProblem {
  const { size, lower, upper } = problem;
  const x = new Float64Array(size);
  const unscaled = (z: Float64Array) => {
    for (let i = 0; i < size; i++) x[i] = z[i] * scale[i];
    return x;
  };
  return {
    size,
    lower: lower.map((bound, i) => bound / scale[i]),
    upper: upper.map((bound, i) => bound / scale[i]),
    value: (z) => problem.value(unscaled(z)),
    valueAndGradient: async (z, gradient) => {
      const value = await problem.valueAndGradient(unscaled(z), gradient);
      for (let i = 0; i < size; i++) gradient[i] *= scale[i];
      return value;
    },
  };
}
