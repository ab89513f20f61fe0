import type { RandomStream } from '@isola/kernels/random';
import type { Bounds } from '../problem/index.js';

/**
 * The start, and points evenly drawn from the box.
 * @param radius so far from the start at most, in every variable
 */
export function firstPoints(
  start: Float64Array,
  { lower, upper }: Bounds,
  count: number,
  random: RandomStream,
  radius = Infinity,
): Float64Array[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return start;
    return start.map((xj, j) => {
      const low = Math.max(lower[j], xj - radius);
      const high = Math.min(upper[j], xj + radius);
      return Math.min(high, low + random.uniform(0, 0, i, j) * (high - low));
    });
  });
}
