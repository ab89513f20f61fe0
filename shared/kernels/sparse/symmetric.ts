/**
 * A symmetric matrix of which a product reads every number once: its lower triangle, by rows of one
 * length. Right of the diagonal are zeros, at least to the end of the vector of four that it is in,
 * and entries on it are halved, as each entry serves twice.
 */

/** Numbers of a row, the same for all; there is a row more than variables. */
export function symmetricStride(size: number): number {
  return 4 * Math.ceil((size + 1) / 4);
}

/** Bytes of a matrix. */
export function symmetricBytes(size: number): number {
  return 4 * symmetricStride(size) * (size + 1);
}

/** Makes the lower triangle of a symmetric matrix, diagonal included, such a matrix. */
export function toSymmetric(matrix: Float32Array, size: number): void {
  const stride = symmetricStride(size);
  for (let row = 0; row < size; row++) {
    const at = stride * row + row;
    matrix[at] *= 0.5;
    matrix.fill(0, at + 1, stride * (row + 1));
  }
}
