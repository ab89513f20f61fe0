import { pow } from '@isola/kernels/elementary';
import type { Ranges } from './ranges.js';

/**
 * A step of polynomial density towards a bound, in parts of the way to it: Deb, Deb, "Analysing
 * mutation schemes for real-parameter genetic algorithms" (2014). Where there is no bound on a side
 * the width of the range stands for the way.
 * @param u a uniform draw
 */
export function polynomialMutation(
  x: number,
  i: number,
  { lower, upper, width }: Ranges,
  index: number,
  u: number,
): number {
  const power = 1 / (index + 1);
  const [down, up] = [x - lower[i], upper[i] - x].map((way) => (way < Infinity ? way : width[i]));
  const step = u < 0.5 ? (pow(2 * u, power) - 1) * down : (1 - pow(2 * (1 - u), power)) * up;
  // Rounding alone could take it out.
  return Math.max(lower[i], Math.min(upper[i], x + step));
}
