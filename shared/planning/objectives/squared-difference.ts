import type { DoseArray } from './dose-array.js';
import { doseAtVolume } from './dose-at-volume.js';
import { DOSE_BIN_BITS, doseBins, doseOfBins } from './dose-bins.js';
import { type Objective, sumsMerged, type VoxelSet } from './objective.js';

/** The voxels that count are those with fromGy <= dose <= toGy. */
export interface DoseInterval {
  readonly fromGy: number;
  readonly toGy: number;
}

/** An interval with an end at D_V, the dose that a part V of the volume reaches. */
export interface VolumeInterval {
  /** V, from 0 to 1. */
  readonly fraction: number;
  readonly at: (doseAtVolumeGy: number) => DoseInterval;
}

/**
 * Mean squared difference to a reference dose, where only the voxels in a dose interval count:
 *   f = (1 / total) * sum of w (d - r)^2 over fromGy <= d <= toGy.
 * The quadratic dose and dose-volume penalties are this with different intervals. The derivative
 * holds the interval fixed, which is exact unless an end of it moves with the doses.
 */
export class SquaredDifference implements Objective {
  /** The sum, and the largest |d - r| that counts; before them D_V where the interval needs it. */
  readonly told: readonly number[];

  /**
   * @param referenceGy r, per fraction
   * @param interval where the penalty acts
   */
  constructor(
    readonly type: string,
    readonly referenceGy: number,
    private readonly interval: DoseInterval | VolumeInterval,
  ) {
    const bins = 'at' in interval ? DOSE_BIN_BITS.map((bits) => 1 << bits) : [];
    this.told = [...bins, 2];
  }

  value(dose: DoseArray, voxels: VoxelSet): number {
    return this.sum(dose, voxels, this.intervalOf(dose, voxels)) / voxels.total;
  }

  valueAndGradient(dose: DoseArray, voxels: VoxelSet, scale: number, gradient: DoseArray): number {
    const interval = this.intervalOf(dose, voxels);
    return this.sumAndGradient(dose, voxels, interval, scale, gradient) / voxels.total;
  }

  tell(heard: readonly Float64Array[], dose: DoseArray, voxels: VoxelSet): Float64Array {
    const { interval } = this;
    if ('at' in interval && heard.length < DOSE_BIN_BITS.length) {
      return doseBins(heard.length, heard, dose, voxels, interval.fraction);
    }
    const counted = this.intervalHeard(heard, voxels);
    return Float64Array.of(
      this.sum(dose, voxels, counted),
      this.largestDifference(dose, voxels, counted),
    );
  }

  merge(round: number, one: Float64Array, other: Float64Array): Float64Array {
    if (round < this.told.length - 1) return sumsMerged(one, other);
    return Float64Array.of(one[0] + other[0], Math.max(one[1], other[1]));
  }

  valueOf(heard: readonly Float64Array[], total: number): number {
    return heard[this.told.length - 1][0] / total;
  }

  slopeLimit(heard: readonly Float64Array[], total: number): number {
    return (2 * heard[this.told.length - 1][1]) / total;
  }

  addGradient(
    heard: readonly Float64Array[],
    dose: DoseArray,
    voxels: VoxelSet,
    scale: number,
    gradient: DoseArray,
  ): void {
    this.sumAndGradient(dose, voxels, this.intervalHeard(heard, voxels), scale, gradient);
  }

  private intervalOf(dose: DoseArray, voxels: VoxelSet): DoseInterval {
    const { interval } = this;
    if (!('at' in interval)) return interval;
    return interval.at(doseAtVolume(dose, voxels, interval.fraction));
  }

  private intervalHeard(heard: readonly Float64Array[], voxels: VoxelSet): DoseInterval {
    const { interval } = this;
    if (!('at' in interval)) return interval;
    return interval.at(doseOfBins(heard, voxels, interval.fraction));
  }

  private sum(dose: DoseArray, voxels: VoxelSet, { fromGy, toGy }: DoseInterval): number {
    const { rows, weights } = voxels;
    const referenceGy = this.referenceGy;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) {
      const d = dose[rows[i]];
      if (d < fromGy || d > toGy) continue;
      const difference = d - referenceGy;
      sum += (weights === null ? 1 : weights[i]) * difference * difference;
    }
    return sum;
  }

  private largestDifference(
    dose: DoseArray,
    { rows }: VoxelSet,
    { fromGy, toGy }: DoseInterval,
  ): number {
    let largest = 0;
    for (let i = 0; i < rows.length; i++) {
      const d = dose[rows[i]];
      if (d < fromGy || d > toGy) continue;
      largest = Math.max(largest, Math.abs(d - this.referenceGy));
    }
    return largest;
  }

  private sumAndGradient(
    dose: DoseArray,
    voxels: VoxelSet,
    { fromGy, toGy }: DoseInterval,
    scale: number,
    gradient: DoseArray,
  ): number {
    const { rows, weights, total } = voxels;
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
    return sum;
  }
}
