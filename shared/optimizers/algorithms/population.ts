/** Points side by side with their costs. */
import type { Best } from './optimizer.js';

export interface Population {
  /** At least one. */
  readonly population: readonly Float64Array[];
  readonly values: Float64Array;
}

/** Places by rising cost; equal ones in their order. */
export function ranked(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
}

/** Whether no two of them differ by more than `tolerance` times max(|f|, 1), f the least. */
export function isFlat(values: readonly number[] | Float64Array, tolerance: number): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low <= tolerance * Math.max(1, Math.abs(low));
}

/** The first of the best. The array belongs to the population. */
export function bestMember({ population, values }: Population): Best {
  const best = values.indexOf(values.reduce((least, value) => Math.min(least, value)));
  return { x: population[best], value: values[best] };
}
