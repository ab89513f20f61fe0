import type { Draws } from './draws.js';
import type { Pair } from './pair.js';

/** Syswerda, "Uniform crossover in genetic algorithms", ICGA 1989. */
export function uniformCrossover([a, b]: Pair, draws: Draws, first: number): Pair {
  const swaps = a.map((_, i) => (draws.uniform(first + i) < 0.5 ? 1 : 0));
  return [a.map((ai, i) => (swaps[i] ? b[i] : ai)), b.map((bi, i) => (swaps[i] ? a[i] : bi))];
}
