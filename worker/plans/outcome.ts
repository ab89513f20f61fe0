/** An optimised plan as bytes, without what its plan file gives anyway. */
import { fromBytes, toBytes } from '@isola/optimizers/islands';
import type { BeamAngles } from '@isola/planning/beams';
import { monitorUnitsPerWeight } from '@isola/planning/dose';
import {
  type FluenceResult,
  type FluenceSpec,
  finalVoxels,
  planBeams,
} from '@isola/planning/searches';

/** What the computation gave. */
type Outcome = Pick<
  FluenceResult,
  'weights' | 'normalisationFactor' | 'minimum' | 'terms' | 'influence' | 'sampling'
> & {
  readonly angles: readonly BeamAngles[];
  readonly doseGy: Float32Array;
};

/** @param angles those that were planned with */
export function outcomeBytes(result: FluenceResult, angles: readonly BeamAngles[]): Uint8Array {
  const { weights, normalisationFactor, minimum, terms, influence, sampling, final } = result;
  const plain = { ...{ normalisationFactor, minimum, terms, influence, sampling } };
  const outcome = { ...plain, weights, angles, doseGy: final.doseGy };
  return toBytes(outcome satisfies Outcome);
}

/**
 * The result, for the spec that it was computed for.
 * @throws InputError for bytes that are none
 */
export function readOutcome(bytes: Uint8Array, spec: FluenceSpec): FluenceResult {
  const { angles, doseGy, ...rest } = fromBytes(bytes, 'an optimised plan') as Outcome;
  const planned = { ...spec, angles };
  return {
    ...planBeams(planned),
    ...rest,
    monitorUnitsPerWeight: monitorUnitsPerWeight(spec.machine),
    final: { ...finalVoxels(planned), doseGy },
  };
}
