/**
 * The doses of a structure's voxels in ascending order: what the dose metrics and histograms read.
 * Sorting once a structure serves any number of them.
 */
export function sortedDoses(
  doseGy: Float32Array | Float64Array,
  voxels: Uint32Array,
): Float64Array {
  const sorted = new Float64Array(voxels.length);
  for (let i = 0; i < voxels.length; i++) sorted[i] = doseGy[voxels[i]];
  return sorted.sort();
}

/** How many of the ascending doses are at least `thresholdGy`. */
export function countAtLeast(sortedGy: Float64Array, thresholdGy: number): number {
  let low = 0;
  let high = sortedGy.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sortedGy[middle] >= thresholdGy) high = middle;
    else low = middle + 1;
  }
  return sortedGy.length - low;
}
