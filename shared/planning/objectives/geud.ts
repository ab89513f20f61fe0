import { pow } from '@isola/kernels/elementary';
import type { DoseArray } from './dose-array.js';
import type { Objective, VoxelSet } from './objective.js';

/**
 * (G - r)^2 with the generalised equivalent uniform dose G = (mean of d^a)^(1/a) (Niemierko 1999):
 * a >= 1 for organs (1: the mean; large: the maximum), a < 0 for targets (towards the minimum).
 *
 * Doses are divided by the one that rules the sum (the largest for a >= 1, the smallest for a < 0),
 * so no power overflows: G = m h, h = (mean of (d/m)^a)^(1/a). The derivative
 *   dG/dd = (w / total) ((d/m) / h)^(a-1)
 * is free of m, which also gives the right limit where m is 0: a target with cold voxels is pulled
 * up at these. Negative doses count as 0.
 */
export class Geud implements Objective {
  readonly type = 'geud';
  /** m, and the sum of w (d/m)^a. */
  readonly told = [2];
  /** (d/m)^(a-1) of each voxel; kept between calls only to save the allocation. */
  #powers = new Float64Array(0);

  constructor(
    readonly referenceGy: number,
    readonly exponent: number,
  ) {}

  value(dose: DoseArray, voxels: VoxelSet): number {
    return this.valueOf([this.tell([], dose, voxels)], voxels.total);
  }

  valueAndGradient(dose: DoseArray, voxels: VoxelSet, scale: number, gradient: DoseArray): number {
    const told = this.tell([], dose, voxels);
    this.#addPowers(told, voxels, scale, gradient);
    return this.valueOf([told], voxels.total);
  }

  tell(_heard: readonly Float64Array[], dose: DoseArray, voxels: VoxelSet): Float64Array {
    const ruling = rulingDose(dose, voxels.rows, this.exponent);
    return Float64Array.of(ruling, this.#powerSum(ruling, dose, voxels));
  }

  merge(_round: number, one: Float64Array, other: Float64Array): Float64Array {
    const ruling = this.exponent > 0 ? Math.max(one[0], other[0]) : Math.min(one[0], other[0]);
    return Float64Array.of(ruling, this.#sumFor(ruling, one) + this.#sumFor(ruling, other));
  }

  valueOf([told]: readonly Float64Array[], total: number): number {
    const difference = this.#geud(told, total).geud - this.referenceGy;
    return difference * difference;
  }

  slopeLimit([told]: readonly Float64Array[], total: number): number {
    // (d/m)^(a-1) is 1 at most: doses are below m for a >= 1, and above it for a < 0.
    return Math.abs(this.#slope(told, total, 1));
  }

  addGradient(
    [told]: readonly Float64Array[],
    dose: DoseArray,
    voxels: VoxelSet,
    scale: number,
    gradient: DoseArray,
  ): void {
    this.#powerSum(told[0], dose, voxels);
    this.#addPowers(told, voxels, scale, gradient);
  }

  /** The gradient, with the powers that the last sum has left behind. */
  #addPowers(told: Float64Array, voxels: VoxelSet, scale: number, gradient: DoseArray): void {
    const { rows, weights, total } = voxels;
    const powers = this.#powers;
    const factor = this.#slope(told, total, scale);
    for (let i = 0; i < rows.length; i++) {
      gradient[rows[i]] += (weights === null ? factor : factor * weights[i]) * powers[i];
    }
  }

  /** scale * df/ddose of a voxel of weight 1 whose dose is m. */
  #slope(told: Float64Array, total: number, scale: number): number {
    const { geud, relative } = this.#geud(told, total);
    const difference = geud - this.referenceGy;
    return (2 * scale * difference * pow(relative, 1 - this.exponent)) / total;
  }

  /** G and h = G / m. */
  #geud([ruling, sum]: Float64Array, total: number): { geud: number; relative: number } {
    const relative = pow(sum / total, 1 / this.exponent);
    return { geud: ruling * relative, relative };
  }

  /** Sum of w (d/m)^a for m = ruling; leaves (d/m)^(a-1) behind. */
  #powerSum(ruling: number, dose: DoseArray, { rows, weights }: VoxelSet): number {
    const a = this.exponent;
    if (this.#powers.length < rows.length) this.#powers = new Float64Array(rows.length);
    const powers = this.#powers;
    const wholeExponent = Number.isInteger(a);
    let sum = 0;
    for (let i = 0; i < rows.length; i++) {
      const d = Math.max(dose[rows[i]], 0);
      // 0/0 is 1: the ruling dose itself. d/0 is Infinity, whose power with a < 0 is 0.
      const ratio = d === ruling ? 1 : d / ruling;
      const power = wholeExponent ? wholePower(ratio, a - 1) : pow(ratio, a - 1);
      powers[i] = power;
      if (power !== 0) sum += (weights === null ? 1 : weights[i]) * power * ratio;
    }
    return sum;
  }

  /** The sum of a part of the structure, for another ruling dose than its own. */
  #sumFor(ruling: number, [own, sum]: Float64Array): number {
    return own === ruling || sum === 0 ? sum : sum * pow(own / ruling, this.exponent);
  }
}

function rulingDose(dose: DoseArray, rows: Uint32Array, exponent: number): number {
  let ruling = exponent > 0 ? 0 : Infinity;
  for (let i = 0; i < rows.length; i++) {
    const d = Math.max(dose[rows[i]], 0);
    ruling = exponent > 0 ? Math.max(ruling, d) : Math.min(ruling, d);
  }
  return ruling;
}

/** x^n for a whole n by repeated squaring: several times faster than the general power. */
function wholePower(x: number, n: number): number {
  let power = 1;
  let square = x;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= square;
    square *= square;
  }
  return n < 0 ? 1 / power : power;
}
