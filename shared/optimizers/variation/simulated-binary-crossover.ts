/**
 * Simulated binary crossover (SBX): children about their parents' mean, spread as one-point
 * crossover of bit strings spreads them. Deb, Agrawal, "Simulated binary crossover for continuous
 * search space", Complex Systems 9 (1995); with bounds as in Deb, Agrawal, "A niched-penalty
 * approach for constraint handling in genetic algorithms" (1999).
 */
import { pow } from '@isola/kernels/elementary';
import type { Draws } from './draws.js';
import type { Pair } from './pair.js';
import type { Ranges } from './ranges.js';

export interface SimulatedBinary {
  readonly kind: 'simulated-binary';
  /** Distribution index, 0 or more: large where children shall be like their parents. */
  readonly index: number;
  /** How likely each variable is crossed, 0 to 1; else it is kept. Default 0.5, as in the paper. */
  readonly variableProbability?: number;
}

/** The values of a variable that is crossed go to the children either way round. */
export function simulatedBinaryCrossover(
  [a, b]: Pair,
  { lower, upper }: Ranges,
  { index, variableProbability = 0.5 }: SimulatedBinary,
  draws: Draws,
  first: number,
): Pair {
  const [c, d] = [Float64Array.from(a), Float64Array.from(b)];
  for (let i = 0; i < a.length; i++) {
    const draw = first + 3 * i;
    if (a[i] === b[i] || draws.uniform(draw) >= variableProbability) continue;
    const [low, high] = [Math.min(a[i], b[i]), Math.max(a[i], b[i])];
    const [mean, gap] = [(low + high) / 2, high - low];
    const u = draws.uniform(draw + 1);
    const below = mean - (spreadFactor(u, 1 + (2 * (low - lower[i])) / gap, index) * gap) / 2;
    const above = mean + (spreadFactor(u, 1 + (2 * (upper[i] - high)) / gap, index) * gap) / 2;
    // Rounding alone could take them out.
    const children = [Math.max(lower[i], below), Math.min(upper[i], above)];
    const turn = draws.uniform(draw + 2) < 0.5 ? 1 : 0;
    c[i] = children[turn];
    d[i] = children[1 - turn];
  }
  return [c, d];
}

/**
 * Distance of the children over that of the parents, drawn from its distribution cut off at `most`.
 * @param most 1 or more, may be Infinity
 */
export function spreadFactor(u: number, most: number, index: number): number {
  const power = 1 / (index + 1);
  const scaled = u * (2 - pow(most, -(index + 1)));
  return scaled <= 1 ? pow(scaled, power) : pow(1 / (2 - scaled), power);
}
