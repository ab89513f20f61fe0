import { SquaredDifference } from './squared-difference.js';

/** Mean of min(d - r, 0)^2: doses below the reference dose are penalised. */
export function squaredUnderdosing(referenceGy: number): SquaredDifference {
  const below = { fromGy: -Infinity, toGy: referenceGy };
  return new SquaredDifference('squared-underdosing', referenceGy, below);
}
