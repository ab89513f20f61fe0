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

/** The first of the best. The array belongs to the population. */
export function bestMember({ population, values }: Population): Best {
  const best = values.indexOf(values.reduce((least, value) => Math.min(least, value)));
  return { x: population[best], value: values[best] };
}
