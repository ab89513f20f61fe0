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
  /** (d/m)^(a-1) of each voxel; kept between calls only to save the allocation. */
  #powers = new Float64Array(0);

  constructor(
    readonly referenceGy: number,
    readonly exponent: number,
  ) {}

  value(dose: DoseArray, voxels: VoxelSet): number {
    const difference = this.#geud(dose, voxels).geud - this.referenceGy;
    return difference * difference;
  }

  valueAndGradient(dose: DoseArray, voxels: VoxelSet, scale: number, gradient: DoseArray): number {
    const { rows, weights, total } = voxels;
    const { geud, relative } = this.#geud(dose, voxels);
    const powers = this.#powers;
    const difference = geud - this.referenceGy;
    const factor = (2 * scale * difference * pow(relative, 1 - this.exponent)) / total;
    for (let i = 0; i < rows.length; i++) {
      gradient[rows[i]] += (weights === null ? factor : factor * weights[i]) * powers[i];
    }
    return difference * difference;
  }

  /** G and h = G / m; leaves the powers behind. */
  #geud(dose: DoseArray, voxels: VoxelSet): { geud: number; relative: number } {
    const { rows, weights, total } = voxels;
    const a = this.exponent;
    const ruling = rulingDose(dose, rows, a);
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
    const relative = pow(sum / total, 1 / a);
    return { geud: ruling * relative, relative };
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
