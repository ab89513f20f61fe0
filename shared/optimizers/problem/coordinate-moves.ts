/**
 * What a problem offers to methods that change one variable at a time: the price of a change is
 * that of one column, not of a whole evaluation.
 *
 * The cost is a function of an *image* that is linear in x. Who keeps the image of a point beside
 * it pays for what changes: a changed variable adds a multiple of one column, and the image of a
 * blend of two points is the blend of their images.
 */
export interface CoordinateMoves {
  /** Length of an image. */
  readonly imageSize: number;
  /** `images[k]` is the image of `candidates[k]`, `values[k]` its cost: many in one pass. */
  images(
    candidates: readonly Float64Array[],
    images: readonly Float32Array[],
    values: Float64Array,
  ): Promise<void>;
  /** Cost of an image. */
  imageValue(image: Float32Array): number;
  /** A new place in which one point at a time is moved. */
  movingPoint(): MovingPoint;
}

/** Holds one point with its image. Every call is synchronous. */
export interface MovingPoint {
  /** Takes a point up: copies it and its image. */
  load(x: Float64Array, image: Float32Array): void;
  /** Cost of the point that it holds. */
  readonly value: number;
  /** Cost if x[index] became `to`; the point stays as it is. */
  coordinateChange(index: number, to: number): number;
  /** Makes x[index] = to. */
  move(index: number, to: number): void;
  /** Copies the point and its image out. */
  save(x: Float64Array, image: Float32Array): void;
}
