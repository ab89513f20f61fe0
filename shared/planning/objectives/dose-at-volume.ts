import type { DoseArray } from './dose-array.js';
import type { VoxelSet } from './objective.js';

/**
 * D_V: the largest dose that at least `fraction` (0 to 1) of the set's weight reaches; for unit
 * weights the ceil(fraction * n)-th largest dose, for fraction 0 the largest. Linear time on
 * average: quickselect (Hoare 1961) on a copy, parted in three so that many equal doses, such as
 * zeros, do no harm.
 */
export function doseAtVolume(dose: DoseArray, voxels: VoxelSet, fraction: number): number {
  const { rows, weights, total } = voxels;
  const doses = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) doses[i] = dose[rows[i]];
  const weightOf = weights === null ? null : weights.slice();
  const needed = fraction * total;

  let low = 0;
  let high = doses.length;
  let hotter = 0; // weight of what stands before `low`, all of it above the answer
  while (high - low > 1) {
    const pivot = medianOfThree(doses[low], doses[(low + high) >>> 1], doses[high - 1]);
    // [low, above) > pivot, [above, i) = pivot, [below, high) < pivot
    let above = low;
    let below = high;
    let weightAbove = 0;
    let weightEqual = 0;
    for (let i = low; i < below; ) {
      const weight = weightOf === null ? 1 : weightOf[i];
      if (doses[i] > pivot) {
        weightAbove += weight;
        swap(doses, weightOf, i++, above++);
      } else if (doses[i] < pivot) {
        swap(doses, weightOf, i, --below);
      } else {
        weightEqual += weight;
        i++;
      }
    }
    if (above > low && hotter + weightAbove >= needed) {
      high = above;
    } else if (hotter + weightAbove + weightEqual >= needed || below === high) {
      return pivot;
    } else {
      hotter += weightAbove + weightEqual;
      low = below;
    }
  }
  return doses[low];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(doses: Float64Array, weights: Float64Array | null, i: number, j: number): void {
  const dose = doses[i];
  doses[i] = doses[j];
  doses[j] = dose;
  if (weights === null) return;
  const weight = weights[i];
  weights[i] = weights[j];
  weights[j] = weight;
}
