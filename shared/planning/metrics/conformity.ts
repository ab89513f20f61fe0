/**
 * How well the dose follows the target (conformity) and how even it is inside (homogeneity). Each
 * index exists in several forms under one name; every value here is asked for by the form's name,
 * and the tables say what that is.
 */
import { doseAtVolumePercentGy, maxDoseGy } from './dose-metrics.js';

/** TV: volume of the target; PIV: volume that gets the isodose; TV_PIV: that of the target. */
export const conformityFormulas = {
  /** Paddick, J Neurosurg 93 (suppl 3):219 (2000). */
  Paddick: 'TV_PIV^2 / (TV * PIV) at the prescribed dose',
  /** Shaw et al., IJROBP 27:1231 (1993). */
  RTOG: 'PIV / TV at the prescribed dose',
  /** van't Riet et al., IJROBP 37:731 (1997), as matRad evaluates it. */
  matRad: 'TV_PIV^2 / (TV * PIV) at 95 % of the prescribed dose',
} as const;

export type ConformityFormula = keyof typeof conformityFormulas;

export const homogeneityFormulas = {
  /** ICRU report 83 (2010). */
  ICRU83: '(D2% - D98%) / D50%',
  matRad: '(D5% - D95%) / prescribed dose * 100',
  /** Shaw et al., IJROBP 27:1231 (1993). */
  RTOG: 'maximum dose in the target / prescribed dose',
} as const;

export type HomogeneityFormula = keyof typeof homogeneityFormulas;

/**
 * Conformity index; 0 where nothing gets the isodose.
 * @param doseGy on the whole grid: the isodose volume is counted wherever it lies
 * @param target voxels of the target, at least one
 */
export function conformityIndex(
  formula: ConformityFormula,
  doseGy: Float32Array | Float64Array,
  target: Uint32Array,
  prescriptionGy: number,
): number {
  const isodoseGy = formula === 'matRad' ? 0.95 * prescriptionGy : prescriptionGy;
  let isodoseVoxels = 0;
  for (let i = 0; i < doseGy.length; i++) if (doseGy[i] >= isodoseGy) isodoseVoxels++;
  let covered = 0;
  for (let i = 0; i < target.length; i++) if (doseGy[target[i]] >= isodoseGy) covered++;
  if (formula === 'RTOG') return isodoseVoxels / target.length;
  return covered === 0 ? 0 : (covered * covered) / (target.length * isodoseVoxels);
}

/**
 * Homogeneity index. D_x% is interpolated.
 * @param sortedGy doses of the target's voxels, ascending; at least one
 * @param prescriptionGy not looked at by ICRU83
 */
export function homogeneityIndex(
  formula: HomogeneityFormula,
  sortedGy: Float64Array,
  prescriptionGy: number,
): number {
  const d = (volumePercent: number) => doseAtVolumePercentGy(sortedGy, volumePercent);
  switch (formula) {
    case 'ICRU83':
      return (d(2) - d(98)) / d(50);
    case 'matRad':
      return ((d(5) - d(95)) / prescriptionGy) * 100;
    case 'RTOG':
      return maxDoseGy(sortedGy) / prescriptionGy;
  }
}
