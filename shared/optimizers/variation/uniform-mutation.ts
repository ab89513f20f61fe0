import type { Ranges } from './ranges.js';

/**
 * Anywhere in the range, evenly; where that is infinite, within half its width of x.
 * @param u a uniform draw
 */
export function uniformMutation(
  x: number,
  i: number,
  { lower, upper, width }: Ranges,
  u: number,
): number {
  const isOpen = upper[i] - lower[i] === Infinity;
  const from = isOpen ? Math.max(lower[i], x - width[i] / 2) : lower[i];
  const to = isOpen ? Math.min(upper[i], x + width[i] / 2) : upper[i];
  return Math.min(to, from + u * (to - from));
}
