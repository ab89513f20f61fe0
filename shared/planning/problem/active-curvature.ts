import type { RowCostLayer } from '@isola/kernels/sparse';

/**
 * What an interval that a row's dose is within counts: the dose of some of these rows will leave it
 * on the way to the optimum.
 */
const INACTIVE_PART = 0.1;

/**
 * Second derivative of a cost that is a sum over rows, by each row's dose, about where the dose is.
 *
 * @param layers all of the cost, see row-costs.ts
 * @param dose of each row
 */
export function activeCurvature(layers: readonly RowCostLayer[], dose: Float32Array): Float32Array {
  const curvature = new Float32Array(dose.length);
  for (const { low, high, weight } of layers) {
    for (let row = 0; row < dose.length; row++) {
      const isActive = dose[row] < low[row] || dose[row] > high[row];
      curvature[row] += 2 * weight[row] * (isActive ? 1 : INACTIVE_PART);
    }
  }
  return curvature;
}
