/** Crossover at points between variables: what lies between the points is swapped. */

import type { Draws } from './draws.js';
import type { Pair } from './pair.js';

/** One point with variables on both sides of it; a single variable is swapped. */
export function onePointCrossover(parents: Pair, draws: Draws, first: number): Pair {
  const size = parents[0].length;
  const point = size > 1 ? 1 + draws.integer(size - 1, first) : 0;
  return swapped(parents, point, size);
}

/** Two different points: at least one variable is swapped, and one is not where there are two. */
export function twoPointCrossover(parents: Pair, draws: Draws, first: number): Pair {
  const size = parents[0].length;
  if (size === 1) return swapped(parents, 0, 1);
  // The variables as a ring, cut at two of its `size` gaps.
  const from = draws.integer(size, first);
  const to = (from + 1 + draws.integer(size - 1, first + 1)) % size;
  return swapped(parents, Math.min(from, to), Math.max(from, to));
}

function swapped([a, b]: Pair, from: number, to: number): Pair {
  const isInside = (i: number) => i >= from && i < to;
  return [a.map((ai, i) => (isInside(i) ? b[i] : ai)), b.map((bi, i) => (isInside(i) ? a[i] : bi))];
}
