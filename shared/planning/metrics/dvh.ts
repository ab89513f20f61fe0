import { countAtLeast } from './sorted-doses.js';

/**
 * Cumulative dose-volume histogram: for each dose of `doseGridGy` the percentage of the volume that
 * gets at least this dose.
 * @param sortedGy doses of the structure's voxels, ascending; at least one
 */
export function cumulativeDvh(sortedGy: Float64Array, doseGridGy: ArrayLike<number>): Float64Array {
  const volumePercent = new Float64Array(doseGridGy.length);
  for (let i = 0; i < doseGridGy.length; i++) {
    volumePercent[i] = (countAtLeast(sortedGy, doseGridGy[i]) / sortedGy.length) * 100;
  }
  return volumePercent;
}

/**
 * Differential dose-volume histogram: for each bin edgesGy[i] <= dose < edgesGy[i + 1] the
 * percentage of the volume in it; one value less than there are edges.
 * @param sortedGy doses of the structure's voxels, ascending; at least one
 * @param edgesGy ascending
 */
export function differentialDvh(sortedGy: Float64Array, edgesGy: ArrayLike<number>): Float64Array {
  const volumePercent = new Float64Array(Math.max(edgesGy.length - 1, 0));
  for (let i = 0; i < volumePercent.length; i++) {
    const inBin = countAtLeast(sortedGy, edgesGy[i]) - countAtLeast(sortedGy, edgesGy[i + 1]);
    volumePercent[i] = (inBin / sortedGy.length) * 100;
  }
  return volumePercent;
}
