/**
 * Terms as what changes of single beamlets cost. Where no row's penalty has a kink, a term is a
 * quadratic function of the weights: its Hessian once, and a change costs two products of numbers.
 * Penalties with a kink are squared distances of a row's dose from an interval, and terms of the
 * same rows are folded into as few such intervals as they take; a change costs a walk along a
 * column. The mean dose is linear in the weights, one number a beamlet.
 */
import { type ColumnMoves, placeColumnMoves, type SparseMatrix } from '@isola/kernels/backends';
import { columnSums, type RowCostLayer } from '@isola/kernels/sparse';
import { Mean, type Objective, SquaredDifference } from '../objectives/index.js';
import type { Term } from './term.js';

/**
 * What pricing needs; plain data that threads can be sent. With z = A x and H the Gram matrix of
 * `moves`, the cost is constant + linear . x + x . H x / 2 + costs of rows.
 */
export interface FluencePrices {
  readonly constant: number;
  readonly linear: Float64Array;
  readonly moves: ColumnMoves;
}

/** A Hessian takes columns * nonzeros multiplications, a second or less. */
const MOST_MULTIPLICATIONS = 4e9;

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
export function isPricedByRow(term: Term): boolean {
  return intervalOf(term.objective) !== null || isLinear(term);
}

/**
 * Puts all that pricing of terms, all priced by row, needs into shared memory.
 *
 * @param mostMultiplications where a Hessian takes more, all rows are priced one by one
 */
export function placePrices(
  matrix: SparseMatrix,
  terms: readonly Term[],
  mostMultiplications = MOST_MULTIPLICATIONS,
): FluencePrices {
  const { columns, rows, nonzeros } = matrix;
  const isCheap = columns * nonzeros <= mostMultiplications;
  const isQuadratic = ({ objective }: Term) => isCheap && objective.type === 'squared-deviation';
  const kinked = terms.filter((term) => !isQuadratic(term) && !isLinear(term));
  const kept = rowsOf(rows, kinked);
  const layers = rowCostLayers(rows, kinked).map(({ low, high, weight }) => ({
    low: Float32Array.from(kept, (row) => low[row]),
    high: Float32Array.from(kept, (row) => high[row]),
    weight: Float32Array.from(kept, (row) => weight[row]),
  }));
  const { constant, slopes, curvatures } = smoothCosts(
    rows,
    terms.filter(isQuadratic),
    terms.filter(isLinear),
  );
  return {
    ...{ constant, linear: columnSumsOf(matrix, slopes) },
    moves: placeColumnMoves(matrix, { rows: kept, layers, weights: curvatures }),
  };
}

/** The rows of terms, ascending. */
function rowsOf(rows: number, terms: readonly Term[]): Uint32Array {
  const isKept = new Uint8Array(rows);
  for (const { voxels } of terms) for (const row of voxels.rows) isKept[row] = 1;
  const count = isKept.reduce((sum, kept) => sum + kept, 0);
  const found = new Uint32Array(count);
  let next = 0;
  isKept.forEach((kept, row) => {
    if (kept) found[next++] = row;
  });
  return found;
}

/** The penalties of all rows: at row r, the sum over layers is the sum over terms. */
export function rowCostLayers(rows: number, terms: readonly Term[]): RowCostLayer[] {
  const layers: Layer[] = [];
  for (const term of terms) {
    const interval = intervalOf(term.objective);
    if (interval === null || term.weight === 0) continue;
    eachShare(term, (row, share) => {
      if (layers.some((layer) => takes(layer, row, interval, share))) return;
      const added = emptyLayer(rows);
      layers.push(added);
      takes(added, row, interval, share);
    });
  }
  return layers.map(({ low, high, weight }) => ({ low, high, weight: Float32Array.from(weight) }));
}

/** What a row's dose adds to mean doses that are penalised; null where none is. */
export function meanSlopes(rows: number, terms: readonly Term[]): Float32Array | null {
  const means = terms.filter(isLinear);
  return means.length === 0 ? null : Float32Array.from(smoothCosts(rows, [], means).slopes);
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
function isLinear({ objective }: Term): boolean {
  return objective instanceof Mean && objective.form === 'linear' && objective.referenceGy === 0;
}

/** Weighted squared differences and doses as constant + slopes . d + curvatures . d^2 / 2. */
function smoothCosts(rows: number, deviations: readonly Term[], means: readonly Term[]) {
  const slopes = new Float64Array(rows);
  const curvatures = deviations.length === 0 ? null : new Float64Array(rows);
  let constant = 0;
  for (const term of deviations) {
    const { referenceGy } = term.objective as SquaredDifference;
    eachShare(term, (row, share) => {
      if (curvatures !== null) curvatures[row] += 2 * share;
      slopes[row] -= 2 * share * referenceGy;
      constant += share * referenceGy * referenceGy;
    });
  }
  for (const term of means) {
    eachShare(term, (row, share) => {
      slopes[row] += share;
    });
  }
  return { constant, slopes, curvatures };
}

/** A^T weights, in memory that threads share. */
function columnSumsOf({ columns, blocks, arena }: SparseMatrix, weights: Float64Array) {
  const sums = new Float64Array(new SharedArrayBuffer(8 * columns));
  for (const { offset, firstColumn, columns: count } of blocks) {
    const some = sums.subarray(firstColumn, firstColumn + count);
    columnSums(arena.memory.buffer, offset, weights, some);
  }
  return sums;
}

/** Each row of a term with its part of the term's weight. */
function eachShare(
  { weight, voxels: { rows, weights, total } }: Term,
  visit: (row: number, share: number) => void,
): void {
  rows.forEach((row, i) => {
    visit(row, (weight * (weights === null ? 1 : weights[i])) / total);
  });
}
