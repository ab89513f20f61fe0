import { SquaredDifference } from './squared-difference.js';

/** Mean of max(d - r, 0)^2: doses above the reference dose are penalised. */
export function squaredOverdosing(referenceGy: number): SquaredDifference {
  const above = { fromGy: referenceGy, toGy: Infinity };
  return new SquaredDifference('squared-overdosing', referenceGy, above);
}
