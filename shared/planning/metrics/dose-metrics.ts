/**
 * Numbers that sum up the dose in a structure. All take the doses of its voxels in ascending order
 * (`sortedDoses`), at least one, voxels of equal volume. Definitions differ between programs, so
 * each function states its own.
 */
import { pow } from '@isola/kernels/elementary';
import { countAtLeast } from './sorted-doses.js';

export function meanDoseGy(sortedGy: Float64Array): number {
  let sum = 0;
  for (const dose of sortedGy) sum += dose;
  return sum / sortedGy.length;
}

export function minDoseGy(sortedGy: Float64Array): number {
  return sortedGy[0];
}

export function maxDoseGy(sortedGy: Float64Array): number {
  return sortedGy[sortedGy.length - 1];
}

/** Standard deviation with n - 1; 0 for a single voxel. */
export function standardDeviationGy(sortedGy: Float64Array): number {
  if (sortedGy.length === 1) return 0;
  const mean = meanDoseGy(sortedGy);
  let sum = 0;
  for (const dose of sortedGy) sum += (dose - mean) * (dose - mean);
  return Math.sqrt(sum / (sortedGy.length - 1));
}

/**
 * Percentile of the doses, linear between neighbours that stand at 0, 1/(n-1), ..., 1: NumPy's
 * `linear` percentile, and what matRad does.
 * @param percent 0 (the minimum) to 100 (the maximum)
 */
export function percentileGy(sortedGy: Float64Array, percent: number): number {
  const position = (percent / 100) * (sortedGy.length - 1);
  const below = Math.min(Math.floor(position), sortedGy.length - 1);
  const above = Math.min(below + 1, sortedGy.length - 1);
  return sortedGy[below] + (position - below) * (sortedGy[above] - sortedGy[below]);
}

/**
 * - `interpolated`: the (100 - x)-th percentile, linear between voxels.
 * - `whole-voxels`: the dose that the hottest ceil(x n / 100) voxels get at least (at least one).
 */
export type DoseAtVolumePercentRule = 'interpolated' | 'whole-voxels';

/** D_x%: the dose that x percent (0 to 100) of the volume gets at least. */
export function doseAtVolumePercentGy(
  sortedGy: Float64Array,
  volumePercent: number,
  rule: DoseAtVolumePercentRule = 'interpolated',
): number {
  if (rule === 'interpolated') return percentileGy(sortedGy, 100 - volumePercent);
  const hottest = Math.max(Math.ceil((volumePercent / 100) * sortedGy.length), 1);
  return sortedGy[sortedGy.length - hottest];
}

/**
 * Both round x cc to k whole voxels, to at least one (halves to even), of n.
 * - `openkbp`: the percentile 100 - 100 k/n, linear between voxels, as the OpenKBP challenge does
 *   for 0.1 cc (Babier et al., Med Phys 48:5549, 2021).
 * - `whole-voxels`: the dose of the k-th hottest voxel, which is up to one voxel hotter.
 */
export type DoseAtVolumeCcRule = 'openkbp' | 'whole-voxels';

/**
 * D_x cc: the dose that the hottest x cc get at least; the minimum of a structure smaller than x.
 */
export function doseAtVolumeCcGy(
  sortedGy: Float64Array,
  volumeCc: number,
  voxelCc: number,
  rule: DoseAtVolumeCcRule = 'openkbp',
): number {
  const n = sortedGy.length;
  const hottest = Math.min(Math.max(roundHalfToEven(volumeCc / voxelCc), 1), n);
  if (rule === 'openkbp') return percentileGy(sortedGy, 100 - (hottest / n) * 100);
  return sortedGy[n - hottest];
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** V_x in percent: the share of the volume that gets at least `thresholdGy`. */
export function volumeAtDosePercent(sortedGy: Float64Array, thresholdGy: number): number {
  return (countAtLeast(sortedGy, thresholdGy) / sortedGy.length) * 100;
}

/** V_x in cc: the volume that gets at least `thresholdGy`. */
export function volumeAtDoseCc(
  sortedGy: Float64Array,
  thresholdGy: number,
  voxelCc: number,
): number {
  return countAtLeast(sortedGy, thresholdGy) * voxelCc;
}

/**
 * Generalised equivalent uniform dose (mean of d^a)^(1/a) (Niemierko 1999), for a >= 1 or a < 0.
 * For a < 0 it is 0 where any voxel's dose is 0.
 */
export function geudGy(sortedGy: Float64Array, a: number): number {
  // Relative to the dose that rules the sum no power overflows.
  const ruling = a > 0 ? maxDoseGy(sortedGy) : minDoseGy(sortedGy);
  if (ruling <= 0) return 0;
  let sum = 0;
  for (const dose of sortedGy) sum += pow(Math.max(dose, 0) / ruling, a);
  return ruling * pow(sum / sortedGy.length, 1 / a);
}
