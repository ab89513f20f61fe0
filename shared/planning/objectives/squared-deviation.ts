import { SquaredDifference } from './squared-difference.js';

const everywhere = { fromGy: -Infinity, toGy: Infinity };

/** Mean of (d - r)^2: any difference from the reference dose is penalised. */
export function squaredDeviation(referenceGy: number): SquaredDifference {
  return new SquaredDifference('squared-deviation', referenceGy, everywhere);
}
