/**
 * Rows of an image convolved with a short profile, where the profile fits inside: the kernel of a
 * separable convolution, cheaper than a transform for profiles of some dozen samples.
 *
 * @param image float64[rows * width]
 * @param taps the profile, reversed; at most `width`
 * @param out float64[rows * (width - taps.length + 1)]
 */
export function convolveRows(
  image: Float64Array,
  width: number,
  taps: Float64Array,
  out: Float64Array,
): void {
  const rows = image.length / width;
  const length = width - taps.length + 1;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k] * image[r * width + i + k];
      out[r * length + i] = sum;
    }
  }
}

/** `convolveRows` on the memory behind `buffer`: the reference of a kernel. */
export function referenceConvolveRows(buffer: ArrayBufferLike) {
  return (
    image: number,
    rows: number,
    width: number,
    taps: number,
    count: number,
    out: number,
  ): void =>
    convolveRows(
      new Float64Array(buffer, image, rows * width),
      width,
      new Float64Array(buffer, taps, count),
      new Float64Array(buffer, out, rows * (width - count + 1)),
    );
}
