import type { RowCostLayer } from '@isola/kernels/sparse';

/** What a row counts at least: the dose of some will leave its interval on the way. */
const LEAST_PART = 0.05;
/** Of the limit: where the dose is nearer to it a row counts in part. */
const NEAR = 0.1;

/**
 * Second derivative of a cost that is a sum over rows, by each row's dose, about where the dose is:
 * all of a penalty's where the dose is well beyond its limit, half of it at the limit. The step at
 * the limit itself would tell which rows are beyond it now, not which will be. A penalty on both
 * sides of one dose has no such limit.
 *
 * @param layers all of the cost, see row-costs.ts
 * @param dose of each row
 */
export function activeCurvature(layers: readonly RowCostLayer[], dose: Float32Array): Float32Array {
  const curvature = new Float32Array(dose.length);
  for (const { low, high, weight } of layers) {
    for (let row = 0; row < dose.length; row++) {
      const [under, over] = [low[row] - dose[row], dose[row] - high[row]];
      const isOnePoint = low[row] === high[row];
      const oneSided = under > over ? partBeyond(under, low[row]) : partBeyond(over, high[row]);
      curvature[row] += 2 * weight[row] * (isOnePoint ? 1 : oneSided);
    }
  }
  return curvature;
}

function partBeyond(beyondGy: number, limitGy: number): number {
  const nearGy = NEAR * Math.abs(limitGy);
  if (nearGy === 0) return beyondGy >= 0 ? 1 : LEAST_PART;
  return Math.max(LEAST_PART, Math.min(1, 0.5 + beyondGy / (2 * nearGy)));
}
