import { pow } from '@isola/kernels/elementary';
import type { Ranges } from './ranges.js';

/**
 * A step of polynomial density about x, cut off at the bounds: Deb, Agrawal, "A niched-penalty
 * approach for constraint handling in genetic algorithms" (1999). Where there is no bound on a
 * side, it is cut off at the width of the range from x.
 * @param u a uniform draw
 */
export function polynomialMutation(
  x: number,
  i: number,
  { lower, upper, width }: Ranges,
  index: number,
  u: number,
): number {
  if (width[i] === 0) return x;
  const power = 1 / (index + 1);
  const down = Math.min(1, (x - lower[i]) / width[i]);
  const up = Math.min(1, (upper[i] - x) / width[i]);
  const step =
    u < 0.5
      ? pow(2 * u + (1 - 2 * u) * pow(1 - down, index + 1), power) - 1
      : 1 - pow(2 * (1 - u) + (2 * u - 1) * pow(1 - up, index + 1), power);
  // Rounding alone could take it out.
  return Math.max(lower[i], Math.min(upper[i], x + step * width[i]));
}
