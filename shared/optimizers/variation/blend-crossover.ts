/**
 * Arithmetic crossover: Michalewicz, "Genetic algorithms + data structures = evolution programs"
 * (1992). One factor for all variables, so whatever is linear in the parents is blended alike.
 */

import type { Draws } from './draws.js';
import type { Pair } from './pair.js';

/** The first child's part of its first parent, in [0, 1). */
export function blendFactor(draws: Draws, first: number): number {
  return draws.uniform(first);
}

/** factor * a + (1 - factor) * b, element by element and between them. */
export function blended(a: Float64Array, b: Float64Array, factor: number): Float64Array {
  return a.map((ai, i) => {
    const x = factor * ai + (1 - factor) * b[i];
    // Rounding alone could take it out.
    return Math.max(Math.min(ai, b[i]), Math.min(Math.max(ai, b[i]), x));
  });
}

/** The blends of the factor that is drawn and of its complement to 1. */
export function blendCrossover([a, b]: Pair, draws: Draws, first: number): Pair {
  const factor = blendFactor(draws, first);
  return [blended(a, b, factor), blended(b, a, factor)];
}
