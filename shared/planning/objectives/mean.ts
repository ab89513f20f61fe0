import type { DoseArray } from './dose-array.js';
import type { Objective, VoxelSet } from './objective.js';

/** How a mean dose m is penalised: |m - r| or (m - r)^2, with the reference dose r. */
export type MeanForm = 'linear' | 'quadratic';

/** Penalty on the mean dose m = (1 / total) * sum of w d. */
export class Mean implements Objective {
  readonly type = 'mean';

  constructor(
    readonly referenceGy: number,
    readonly form: MeanForm,
  ) {}

  value(dose: DoseArray, voxels: VoxelSet): number {
    const difference = meanDose(dose, voxels) - this.referenceGy;
    return this.form === 'linear' ? Math.abs(difference) : difference * difference;
  }

  valueAndGradient(dose: DoseArray, voxels: VoxelSet, scale: number, gradient: DoseArray): number {
    const { rows, weights, total } = voxels;
    const difference = meanDose(dose, voxels) - this.referenceGy;
    const linear = this.form === 'linear';
    // At the kink the derivative from above: with r = 0 it is the right one for doses >= 0.
    const slope = linear ? (difference >= 0 ? 1 : -1) : 2 * difference;
    const factor = (scale * slope) / total;
    for (let i = 0; i < rows.length; i++) {
      gradient[rows[i]] += weights === null ? factor : factor * weights[i];
    }
    return linear ? Math.abs(difference) : difference * difference;
  }
}

function meanDose(dose: DoseArray, { rows, weights, total }: VoxelSet): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    sum += weights === null ? dose[rows[i]] : weights[i] * dose[rows[i]];
  }
  return sum / total;
}
