import { type Bounds, InputError } from '../problem/index.js';

/** Bounds, and how wide each variable ranges. */
export interface Ranges extends Bounds {
  /** Finite: upper - lower, or what takes its place where that is infinite. */
  readonly width: Float64Array;
}

/**
 * @param place names the setting that gives `radius`
 * @param radius half the width of a range that is infinite
 * @throws InputError where a range is infinite and no radius is given
 */
export function rangesOf(
  { lower, upper }: Bounds,
  place: string,
  radius: number | undefined,
): Ranges {
  const width = lower.map((low, i) => {
    const range = upper[i] - low;
    if (range < Infinity) return range;
    if (radius !== undefined) return 2 * radius;
    const reason = `variable ${i} ranges from ${low} to ${upper[i]}`;
    throw new InputError(place, `is not given; needed, as ${reason}`);
  });
  return { lower, upper, width };
}
