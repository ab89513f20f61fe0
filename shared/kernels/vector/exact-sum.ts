/**
 * Sums that have no rounding, and so no order: multiples of one unit add exactly in float64 as
 * long as they stay below 2^53 units. Rounding to a unit first is how sums are made reproducible
 * (Demmel and Nguyen 2015, "Parallel reproducible summation", IEEE Trans. Comput. 64).
 */

/** 2^51. */
const UNITS = 2_251_799_813_685_248;
/** Below it units do not become finer, so that none is too small for a float64. */
const SMALLEST_LIMIT = 1e-290;

/**
 * The unit for sums whose terms and parts are at most `limit` in size: the power of two of which
 * 2^51 are `limit`, or up to twice as much. None is finite for a limit that is not.
 */
export function unitOfSums(limit: number): number {
  if (!Number.isFinite(limit)) return limit;
  let power = 1;
  while (power < limit) power *= 2;
  while (power > SMALLEST_LIMIT && power / 2 >= limit) power /= 2;
  return power / UNITS;
}

/**
 * Rounds to the nearest multiples of a unit; to NaN where that is not finite. What is not finite
 * stays so.
 * @throws Error where a number is beyond the limit that the unit was made for
 */
export function roundToUnit(x: Float64Array, unit: number): void {
  const limit = unit * UNITS;
  // Between 2 and 4 limits float64 numbers are a unit apart.
  const shift = 3 * limit;
  for (let i = 0; i < x.length; i++) {
    if (Math.abs(x[i]) > limit && Number.isFinite(x[i])) {
      throw new Error(`a part of ${x[i]} in a sum of at most ${limit}`);
    }
    x[i] = x[i] + shift - shift;
  }
}
