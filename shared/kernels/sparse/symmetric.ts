/**
 * A symmetric positive semidefinite matrix, such that a product reads every number once, as int16.
 * It is R C R, with R the roots of its diagonal. The numbers are C, whose entries are between -1
 * and 1, in units of 2^-15: its lower triangle, by rows of one length. Entries on the diagonal are
 * halved, as each entry serves twice; right of them are zeros, as far as the vector of eight goes
 * that the last diagonal entry of the same four rows is in. Rows are filled up to fours.
 *
 * Products are bounded by the bytes that they read. The rounding may make the smallest eigenvalues
 * of C negative, by about 1e-3: it is for models that are only about right in any case.
 */

/** Bytes of a row. */
export function symmetricStride(size: number): number {
  return 2 * wholeEights(size);
}

/** Bytes of a matrix. */
export function symmetricBytes(size: number): number {
  return symmetricStride(size) * 4 * Math.ceil(size / 4);
}

/** Bytes of a vector that is multiplied, and of the product, float32: zeros behind its `size`. */
export function symmetricVectorBytes(size: number): number {
  return 4 * wholeEights(size);
}

function wholeEights(size: number): number {
  return 8 * Math.ceil(size / 8);
}
