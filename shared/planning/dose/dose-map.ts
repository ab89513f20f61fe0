import type { SparseMatrix } from '@isola/kernels/backends';
import type { DifferentiableMap } from '@isola/optimizers/problem';

/** Fluence to dose: beamlet weights to Gy per fraction, with many candidates in one pass. */
export interface DoseMap extends DifferentiableMap {
  /** outs[k] = dose of weights[k]. */
  applyBatch(weights: readonly Float64Array[], outs: readonly Float32Array[]): Promise<void>;
  /** The matrix, where the map is one: what needs single columns finds them there. */
  readonly influence?: SparseMatrix;
}

/** The linear map of a dose influence matrix. */
export function doseMap(influence: SparseMatrix): DoseMap {
  return {
    inputSize: influence.columns,
    outputSize: influence.rows,
    influence,
    apply: (weights, dose) => influence.multiply(weights, dose),
    pullback: (_weights, cotangent, out) => influence.multiplyTransposed(cotangent, out),
    applyBatch: (weights, outs) => influence.multiplyBatch(weights, outs),
  };
}
