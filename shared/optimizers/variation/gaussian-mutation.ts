import type { Ranges } from './ranges.js';

/**
 * A normal step; what would leave the bounds ends at them.
 * @param part standard deviation over the width of the range
 * @param normal a normal draw
 */
export function gaussianMutation(
  x: number,
  i: number,
  { lower, upper, width }: Ranges,
  part: number,
  normal: number,
): number {
  return Math.max(lower[i], Math.min(upper[i], x + normal * part * width[i]));
}
