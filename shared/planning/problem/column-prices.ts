/**
 * Terms as what one column of the dose influence costs. Quadratic penalties are squared distances
 * of a row's dose from an interval, and terms of the same rows are folded into as few such
 * intervals as they take; the mean dose is linear in the weights, one number a beamlet.
 */
import { placeRowCosts, type SparseMatrix } from '@isola/kernels/backends';
import { columnSums, type RowCostLayer } from '@isola/kernels/sparse';
import { Mean, type Objective, SquaredDifference } from '../objectives/index.js';
import type { Term } from './term.js';

/** What pricing needs besides the matrix; plain data that threads can be sent. */
export interface ColumnPrices {
  /** Where the costs of rows lie in the matrix's arena. */
  readonly rowCosts: number;
  /** Cost of each beamlet's unit weight by mean doses; null where no term is one. */
  readonly slopes: Float64Array | null;
}

/** Doses without penalty. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A layer while it is made: float64 weights. */
interface Layer {
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly weight: Float64Array;
}

/** Is a term's change the sum of its rows' changes, whatever the other rows' doses? */
export function isPricedByRow({ objective }: Term): boolean {
  return intervalOf(objective) !== null || isLinear(objective);
}

/** Folds terms, all priced by row, and puts them into the matrix's arena. */
export function placePrices(matrix: SparseMatrix, terms: readonly Term[]): ColumnPrices {
  const { arena, rows } = matrix;
  const linear = terms.filter(({ objective }) => isLinear(objective));
  return {
    rowCosts: placeRowCosts(arena, rows, rowCostLayers(rows, terms)),
    slopes: linear.length === 0 ? null : slopesOf(matrix, linear),
  };
}

/** The penalties of all rows: at row r, the sum over layers is the sum over terms. */
export function rowCostLayers(rows: number, terms: readonly Term[]): RowCostLayer[] {
  const layers: Layer[] = [];
  for (const { objective, weight, voxels } of terms) {
    const interval = intervalOf(objective);
    if (interval === null || weight === 0) continue;
    voxels.rows.forEach((row, i) => {
      const share = (weight * (voxels.weights === null ? 1 : voxels.weights[i])) / voxels.total;
      if (layers.some((layer) => takes(layer, row, interval, share))) return;
      const added = emptyLayer(rows);
      layers.push(added);
      takes(added, row, interval, share);
    });
  }
  return layers.map(({ low, high, weight }) => ({ low, high, weight: Float32Array.from(weight) }));
}

/** Adds a row's penalty to a layer, where the layer has room for it or one much like it. */
function takes({ low, high, weight }: Layer, row: number, add: Interval, share: number): boolean {
  if (weight[row] === 0) {
    low[row] = add.low;
    high[row] = add.high;
    weight[row] = share;
    return true;
  }
  if (low[row] === add.low && high[row] === add.high) {
    weight[row] += share;
    return true;
  }
  // A penalty below and one above, of the same weight, are one outside of what lies between.
  if (weight[row] !== share) return false;
  const isAbove = add.low === -Infinity && high[row] === Infinity && low[row] <= add.high;
  const isBelow = add.high === Infinity && low[row] === -Infinity && add.low <= high[row];
  if (isAbove) high[row] = add.high;
  if (isBelow) low[row] = add.low;
  return isAbove || isBelow;
}

function emptyLayer(rows: number): Layer {
  return {
    low: new Float32Array(rows),
    high: new Float32Array(rows),
    weight: new Float64Array(rows),
  };
}

/** Ends as the float32 that dose is compared with. */
function intervalOf(objective: Objective): Interval | null {
  if (!(objective instanceof SquaredDifference)) return null;
  const reference = Math.fround(objective.referenceGy);
  switch (objective.type) {
    case 'squared-deviation':
      return { low: reference, high: reference };
    case 'squared-overdosing':
      return { low: -Infinity, high: reference };
    case 'squared-underdosing':
      return { low: reference, high: Infinity };
    default:
      return null;
  }
}

/** The mean dose itself: as no dose is negative, its difference from 0 has no kink. */
function isLinear(objective: Objective): boolean {
  return objective instanceof Mean && objective.form === 'linear' && objective.referenceGy === 0;
}

function slopesOf({ arena, rows, columns, blocks }: SparseMatrix, terms: readonly Term[]) {
  const perGy = new Float64Array(rows);
  for (const { weight, voxels } of terms) {
    voxels.rows.forEach((row, i) => {
      perGy[row] += (weight * (voxels.weights === null ? 1 : voxels.weights[i])) / voxels.total;
    });
  }
  const slopes = new Float64Array(columns);
  for (const { offset, firstColumn, columns: count } of blocks) {
    const some = slopes.subarray(firstColumn, firstColumn + count);
    columnSums(arena.memory.buffer, offset, perGy, some);
  }
  return slopes;
}
