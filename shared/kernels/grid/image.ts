/** A plane of pixels. Linear index = x + width * y. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** An image of zeros. */
export function createImage(width: number, height: number): Image {
  return { width, height, values: new Float64Array(width * height) };
}
