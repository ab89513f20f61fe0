/**
 * Changes of one beamlet's weight, priced without a dose: the image of a point is the dose of the
 * rows whose penalties have a kink, then Hessian times weights of what has none. Where a penalty
 * looks at many rows at once (dose at a volume, equivalent uniform dose, a mean dose with a
 * reference), one column does not tell what a change costs.
 */
import {
  computeImages,
  type MovedImage,
  movedImage,
  newImage,
  type SparseMatrix,
} from '@isola/kernels/backends';
import type { CoordinateMoves, Image, MovingPoint } from '@isola/optimizers/problem';
import { type FluencePrices, isPricedByRow, placePrices } from './fluence-prices.js';
import type { Term } from './term.js';

/**
 * The moves of a fluence problem; null where a term is none of squared deviation, squared
 * overdosing, squared underdosing and (linear) mean dose.
 *
 * @param placed prices that are made already; else they are made with the first use
 */
export function fluenceMoves(
  matrix: SparseMatrix,
  terms: readonly Term[],
  placed?: FluencePrices,
): CoordinateMoves | null {
  if (!terms.every(isPricedByRow)) return null;
  let made = placed;
  let priced: PricedPoint | null = null;
  const prices = () => {
    made ??= placePrices(matrix, terms);
    return made;
  };
  const place = () => {
    priced ??= new PricedPoint(prices());
    return priced;
  };
  return {
    newImage: () => newImage(prices().moves),
    images: async (candidates, images, values) => {
      computeImages(prices().moves, candidates, images);
      candidates.forEach((x, k) => {
        place().load(x, images[k]);
        values[k] = place().value;
      });
    },
    imageValue: (x, image) => {
      place().load(x, image);
      return place().value;
    },
    movingPoint: () => new PricedPoint(prices()),
  };
}

/**
 * A point with its image. The value is summed up move by move from the same rounded doses that the
 * moves leave behind, so it stays with the cost of the image; `load` sets it anew.
 */
class PricedPoint implements MovingPoint {
  value = 0;
  private readonly weights: Float64Array;
  private readonly image: MovedImage;
  private readonly linear: Float64Array;
  private readonly constant: number;
  // The last price: who asks first and then moves pays once.
  private pricedIndex = -1;
  private pricedTo = Number.NaN;
  private pricedChange = 0;

  constructor({ constant, linear, moves }: FluencePrices) {
    this.weights = new Float64Array(linear.length);
    this.image = movedImage(moves);
    this.constant = constant;
    this.linear = linear;
    this.take();
  }

  load(x: Float64Array, image: Image): void {
    this.weights.set(x);
    this.image.load(image);
    this.take();
  }

  expect(index: number, one: number, other: number): void {
    const from = this.weights[index];
    this.image.lookAlong(index, Math.max(Math.abs(one - from), Math.abs(other - from)));
  }

  coordinateChange(index: number, to: number): number {
    return this.value + this.price(index, to);
  }

  move(index: number, to: number): void {
    this.value += this.price(index, to);
    this.image.add(index, to - this.weights[index]);
    this.weights[index] = to;
    this.pricedIndex = -1;
  }

  save(x: Float64Array, image: Image): void {
    x.set(this.weights);
    this.image.save(image);
  }

  private price(index: number, to: number): number {
    if (index === this.pricedIndex && to === this.pricedTo) return this.pricedChange;
    const { image, linear } = this;
    const step = to - this.weights[index];
    const slope = linear[index] + image.product(index);
    const smooth = step * (slope + 0.5 * step * image.curvature(index));
    this.pricedChange = image.rowPrice(index, step) + smooth;
    this.pricedIndex = index;
    this.pricedTo = to;
    return this.pricedChange;
  }

  /** Values the point anew. */
  private take(): void {
    const { weights, linear, image } = this;
    let smooth = this.constant;
    for (let j = 0; j < weights.length; j++) {
      smooth += weights[j] * (linear[j] + 0.5 * image.product(j));
    }
    this.value = smooth + image.rowCost();
    this.pricedIndex = -1;
  }
}
