import type { SparseMatrix } from '@isola/kernels/backends';
import type { MinimiseOptions, Minimum } from '@isola/optimizers/algorithms';
import type { FluenceEvents } from './fluence-events.js';
import type { FluenceSpec } from './fluence-spec.js';

/** What an optimisation of the weights came to, before they are normalised. */
export interface Optimum {
  readonly minimum: Minimum;
  /** Each term of the cost at the optimiser's end, weights applied. */
  readonly terms: readonly { structure: string; type: string; weight: number; value: number }[];
  readonly influence: InfluenceSizes;
}

export type InfluenceSizes = Pick<SparseMatrix, 'rows' | 'columns' | 'nonzeros' | 'byteLength'>;

/** How a plan's weights are minimised. */
export function minimiseOptions(
  { maxIterations, tolerance }: FluenceSpec,
  { onIteration, signal }: FluenceEvents,
): MinimiseOptions {
  return {
    ...{ maxIterations, windowTolerance: tolerance },
    ...(onIteration && { onProgress: onIteration }),
    ...(signal && { signal }),
  };
}

/** @param values of each term, its weight applied */
export function termReports(
  { objectives }: FluenceSpec,
  values: ArrayLike<number>,
): Optimum['terms'] {
  return objectives.map(({ structure, objective, weight }, t) => ({
    ...{ structure, type: objective.type, weight },
    value: values[t],
  }));
}
