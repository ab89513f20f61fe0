import type { CoordinateMoves, DifferentiableProblem, Problem } from '@isola/optimizers/problem';
import type { DoseMap } from '../dose/index.js';
import { fluenceMoves } from './fluence-moves.js';
import { costOfDose, type Term } from './term.js';

/** What a fluence problem offers besides values and gradients. */
export type FluenceProblem = DifferentiableProblem & Required<Pick<Problem, 'batchValue'>>;

/**
 * Cost of beamlet weights >= 0: dose map, then the weighted sum of objectives. The gradient goes
 * back the same way, cotangents of dose through the map's adjoint.
 *
 * @param moves changes of one weight; those of the map's dose influence where it is known
 */
export function fluenceProblem(
  map: DoseMap,
  terms: readonly Term[],
  moves: CoordinateMoves | null = map.influence ? fluenceMoves(map.influence, terms) : null,
): FluenceProblem {
  const dose = new Float32Array(map.outputSize);
  const cotangent = new Float32Array(map.outputSize);
  return {
    size: map.inputSize,
    lower: new Float64Array(map.inputSize),
    upper: new Float64Array(map.inputSize).fill(Number.POSITIVE_INFINITY),
    value: async (x) => {
      await map.apply(x, dose);
      return costOfDose(terms, dose);
    },
    valueAndGradient: async (x, gradient) => {
      await map.apply(x, dose);
      cotangent.fill(0);
      let sum = 0;
      for (const { weight, objective, voxels } of terms) {
        sum += weight * objective.valueAndGradient(dose, voxels, weight, cotangent);
      }
      await map.pullback(x, cotangent, gradient);
      return sum;
    },
    batchValue: async (candidates, out) => {
      const doses = candidates.map(() => new Float32Array(map.outputSize));
      await map.applyBatch(candidates, doses);
      doses.forEach((candidate, k) => {
        out[k] = costOfDose(terms, candidate);
      });
    },
    ...(moves && { coordinateMoves: moves }),
  };
}

/**
 * matRad's start: one weight for all beamlets, so that the target's mean dose is its prescription.
 *
 * @param unitDose dose of all weights 1
 * @param target rows of the target
 */
export function uniformStart(
  size: number,
  unitDose: Float32Array,
  target: Uint32Array,
  dosePerFractionGy: number,
): Float64Array {
  let sum = 0;
  for (const row of target) sum += unitDose[row];
  return new Float64Array(size).fill((dosePerFractionGy * target.length) / sum);
}
