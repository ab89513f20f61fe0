import type { RowCostLayer } from '@isola/kernels/sparse';

/** What a row counts at least: the dose of some will leave its interval on the way. */
const LEAST_PART = 0.05;
/** Of the limit: where the dose is nearer to it a row counts in part. */
const NEAR = 0.1;

/**
 * Second derivative of a cost that is a sum over rows, by each row's dose, about where the dose is:
 * all of a penalty's where the dose is well beyond its limit, half of it at the limit. The step at
 * the limit itself would tell which rows are beyond it now, not which will be.
 *
 * @param layers all of the cost, see row-costs.ts
 * @param dose of each row
 */
export function activeCurvature(layers: readonly RowCostLayer[], dose: Float32Array): Float32Array {
  const curvature = new Float32Array(dose.length);
  for (const { low, high, weight } of layers) {
    for (let row = 0; row < dose.length; row++) {
      const limit = high[row] < Infinity ? high[row] : low[row];
      const beyond = Math.max(low[row] - dose[row], dose[row] - high[row]);
      const near = NEAR * Math.abs(limit);
      // Any dose is beyond a limit of 0.
      const part = near > 0 ? 0.5 + beyond / (2 * near) : 1;
      curvature[row] += 2 * weight[row] * Math.max(LEAST_PART, Math.min(1, part));
    }
  }
  return curvature;
}
