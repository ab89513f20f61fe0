import type { DoseArray } from './dose-array.js';
import type { Objective, VoxelSet } from './objective.js';

/** The voxels that count are those with fromGy <= dose <= toGy. */
export interface DoseInterval {
  readonly fromGy: number;
  readonly toGy: number;
}

/**
 * Mean squared difference to a reference dose, where only the voxels in a dose interval count:
 *   f = (1 / total) * sum of w (d - r)^2 over fromGy <= d <= toGy.
 * The quadratic dose and dose-volume penalties are this with different intervals. The derivative
 * holds the interval fixed, which is exact unless an end of it moves with the doses.
 */
export class SquaredDifference implements Objective {
  /**
   * @param referenceGy r, per fraction
   * @param interval where the penalty acts, given all doses
   */
  constructor(
    readonly type: string,
    readonly referenceGy: number,
    readonly interval: (dose: DoseArray, voxels: VoxelSet) => DoseInterval,
  ) {}

  value(dose: DoseArray, voxels: VoxelSet): number {
    const { rows, weights, total } = voxels;
    const { fromGy, toGy } = this.interval(dose, voxels);
    const referenceGy = this.referenceGy;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) {
      const d = dose[rows[i]];
      if (d < fromGy || d > toGy) continue;
      const difference = d - referenceGy;
      sum += (weights === null ? 1 : weights[i]) * difference * difference;
    }
    return sum / total;
  }

  valueAndGradient(dose: DoseArray, voxels: VoxelSet, scale: number, gradient: DoseArray): number {
    const { rows, weights, total } = voxels;
    const { fromGy, toGy } = this.interval(dose, voxels);
    const referenceGy = this.referenceGy;
    const factor = (2 * scale) / total;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const d = dose[row];
      if (d < fromGy || d > toGy) continue;
      const difference = d - referenceGy;
      const weighted = (weights === null ? 1 : weights[i]) * difference;
      sum += weighted * difference;
      gradient[row] += factor * weighted;
    }
    return sum / total;
  }
}
