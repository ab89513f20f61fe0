/**
 * Changes of one beamlet's weight, priced at one column of the dose influence: the image of a point
 * is its dose. Where a penalty looks at many rows at once (dose at a volume, equivalent uniform
 * dose, a mean dose with a reference), one column does not tell what a change costs.
 */
import type { SparseMatrix } from '@isola/kernels/backends';
import type { CoordinateMoves, MovingPoint } from '@isola/optimizers/problem';
import { type ColumnPrices, isPricedByRow, placePrices } from './column-prices.js';
import { costOfDose, type Term } from './term.js';

/**
 * The moves of a fluence problem; null where a term is none of squared deviation, squared
 * overdosing, squared underdosing and (linear) mean dose.
 *
 * @param placed prices that lie in the arena already; else they are put there with the first point
 */
export function fluenceMoves(
  matrix: SparseMatrix,
  terms: readonly Term[],
  placed?: ColumnPrices,
): CoordinateMoves | null {
  if (!terms.every(isPricedByRow)) return null;
  let prices = placed;
  const imageValue = (dose: Float32Array) => costOfDose(terms, dose);
  return {
    imageSize: matrix.rows,
    images: async (candidates, images, values) => {
      await matrix.multiplyBatch(candidates, images);
      images.forEach((image, k) => {
        values[k] = imageValue(image);
      });
    },
    imageValue,
    movingPoint: () => {
      prices ??= placePrices(matrix, terms);
      return movingPoint(matrix, prices, imageValue);
    },
  };
}

/**
 * A point with its dose in the arena. The value is summed up move by move from the same rounded
 * doses that the moves leave behind, so it stays with the cost of the dose; `load` sets it anew.
 */
function movingPoint(
  matrix: SparseMatrix,
  { rowCosts, slopes }: ColumnPrices,
  imageValue: (dose: Float32Array) => number,
): MovingPoint {
  const weights = new Float64Array(matrix.columns);
  const dose = matrix.threadVector();
  let value = imageValue(new Float32Array(matrix.rows));
  // The last price asked for: who asks first and then moves pays once.
  let [pricedIndex, pricedTo, price] = [-1, 0, 0];

  const change = (index: number, to: number) => {
    if (index === pricedIndex && to === pricedTo) return price;
    dose.enter();
    const step = to - weights[index];
    price = matrix.priceColumn(index, step, dose, rowCosts);
    if (slopes !== null) price += step * slopes[index];
    pricedIndex = index;
    pricedTo = to;
    return price;
  };

  return {
    load: (x, image) => {
      weights.set(x);
      dose.enter();
      dose.values.set(image);
      value = imageValue(image);
      pricedIndex = -1;
    },
    get value() {
      return value;
    },
    coordinateChange: (index, to) => value + change(index, to),
    move: (index, to) => {
      value += change(index, to);
      dose.enter();
      matrix.addColumn(index, to - weights[index], dose);
      weights[index] = to;
      pricedIndex = -1;
    },
    save: (x, image) => {
      x.set(weights);
      dose.enter();
      image.set(dose.values);
    },
  };
}
