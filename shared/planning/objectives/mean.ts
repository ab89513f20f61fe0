import type { DoseArray } from './dose-array.js';
import { type Objective, sumsMerged, type VoxelSet } from './objective.js';

/** How a mean dose m is penalised: |m - r| or (m - r)^2, with the reference dose r. */
export type MeanForm = 'linear' | 'quadratic';

/** Penalty on the mean dose m = (1 / total) * sum of w d. */
export class Mean implements Objective {
  readonly type = 'mean';
  /** The sum. */
  readonly told = [1];

  constructor(
    readonly referenceGy: number,
    readonly form: MeanForm,
  ) {}

  value(dose: DoseArray, voxels: VoxelSet): number {
    return this.penalty(this.difference(doseSum(dose, voxels), voxels.total));
  }

  valueAndGradient(dose: DoseArray, voxels: VoxelSet, scale: number, gradient: DoseArray): number {
    const difference = this.difference(doseSum(dose, voxels), voxels.total);
    this.addSlope(difference, voxels, scale, gradient);
    return this.penalty(difference);
  }

  tell(_heard: readonly Float64Array[], dose: DoseArray, voxels: VoxelSet): Float64Array {
    return Float64Array.of(doseSum(dose, voxels));
  }

  merge(_round: number, one: Float64Array, other: Float64Array): Float64Array {
    return sumsMerged(one, other);
  }

  valueOf([[sum]]: readonly Float64Array[], total: number): number {
    return this.penalty(this.difference(sum, total));
  }

  slopeLimit([[sum]]: readonly Float64Array[], total: number): number {
    return Math.abs(this.slope(this.difference(sum, total))) / total;
  }

  addGradient(
    [[sum]]: readonly Float64Array[],
    _dose: DoseArray,
    voxels: VoxelSet,
    scale: number,
    gradient: DoseArray,
  ): void {
    this.addSlope(this.difference(sum, voxels.total), voxels, scale, gradient);
  }

  private difference(sum: number, total: number): number {
    return sum / total - this.referenceGy;
  }

  private penalty(difference: number): number {
    return this.form === 'linear' ? Math.abs(difference) : difference * difference;
  }

  private slope(difference: number): number {
    if (this.form === 'quadratic') return 2 * difference;
    // At the kink the derivative from above: with r = 0 it is the right one for doses >= 0.
    return difference >= 0 ? 1 : -1;
  }

  private addSlope(
    difference: number,
    { rows, weights, total }: VoxelSet,
    scale: number,
    gradient: DoseArray,
  ): void {
    const factor = (scale * this.slope(difference)) / total;
    for (let i = 0; i < rows.length; i++) {
      gradient[rows[i]] += weights === null ? factor : factor * weights[i];
    }
  }
}

function doseSum(dose: DoseArray, { rows, weights }: VoxelSet): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    sum += weights === null ? dose[rows[i]] : weights[i] * dose[rows[i]];
  }
  return sum;
}
