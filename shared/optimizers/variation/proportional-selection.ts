/**
 * Selection in proportion to quality: Holland, "Adaptation in natural and artificial systems"
 * (1975); De Jong, "An analysis of the behavior of a class of genetic adaptive systems" (1975).
 */
import type { Picker } from './picker.js';

/**
 * Qualities J = 1 / (1 + F) of costs F, larger where better. Where a cost lies below 0 that has no
 * meaning; there the quality is by how much the cost lies below the worst.
 */
export function qualities(values: Float64Array): Float64Array {
  if (values.every((value) => value >= 0)) return values.map((value) => 1 / (1 + value));
  const worst = values.reduce((most, value) => Math.max(most, value));
  return values.map((value) => worst - value);
}

/** Each individual as often as its part of the sum of qualities; all alike where that is 0. */
export function proportionalSelection(values: Float64Array): Picker {
  let total = 0;
  const sums = qualities(values).map((quality) => {
    total += quality;
    return total;
  });
  return (draws, first) => {
    const u = draws.uniform(first);
    if (total === 0) return Math.floor(u * sums.length);
    const place = sums.findIndex((sum) => u * total < sum);
    // Rounding may take u * total up to the total, which belongs to the last with any quality.
    return place >= 0 ? place : sums.indexOf(total);
  };
}
