/**
 * What a problem offers to methods that change one variable at a time: the price of a change is
 * that of one column, not of a whole evaluation.
 *
 * The cost is a function of x and an *image* that is linear in x. Who keeps the image of a point
 * beside it pays for what changes: a changed variable adds a multiple of one column, and the image
 * of a blend of two points is the blend of their images.
 */
export interface CoordinateMoves {
  newImage(): Image;
  /** `images[k]` is the image of `candidates[k]`, `values[k]` its cost: many in one pass. */
  images(
    candidates: readonly Float64Array[],
    images: readonly Image[],
    values: Float64Array,
  ): Promise<void>;
  /** Cost of a point whose image is known. */
  imageValue(x: Float64Array, image: Image): number;
  /** A new place in which one point at a time is moved. */
  movingPoint(): MovingPoint;
}

/** Holds one point with its image. Every call is synchronous. */
export interface MovingPoint {
  /** Takes a point up: copies it and its image. */
  load(x: Float64Array, image: Image): void;
  /** Cost of the point that it holds. */
  readonly value: number;
  /** Says between which values of a variable changes are asked for next: one look serves all. */
  expect(index: number, one: number, other: number): void;
  /** Cost if x[index] became `to`; the point stays as it is. */
  coordinateChange(index: number, to: number): number;
  /** Makes x[index] = to. */
  move(index: number, to: number): void;
  /** Copies the point and its image out. */
  save(x: Float64Array, image: Image): void;
}

/** Numbers that are linear in x, by the precision that they take. */
export interface Image {
  readonly singles: Float32Array;
  readonly doubles: Float64Array;
}
