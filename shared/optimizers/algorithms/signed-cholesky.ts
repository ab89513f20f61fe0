/**
 * Signed Cholesky factors of small symmetric quasidefinite matrices, K = L J L^T, where
 * J = diag(-1, ..., -1, 1, ..., 1) and L is lower triangular with a positive diagonal. They exist
 * where the leading block of K is negative definite and its Schur complement positive definite
 * (Vanderbei 1995, "Symmetric quasidefinite matrices", SIAM J. Optim. 5).
 */

/** L, row-major, lower triangle; the first `negative` of its `order` pivots have sign -1. */
export interface SignedFactor {
  readonly order: number;
  readonly negative: number;
  readonly lower: Float64Array;
}

/**
 * Factors K.
 * @param matrix row-major order x order; only its lower triangle is read
 * @returns null where a pivot has the wrong sign or is not finite
 */
export function factorSigned(
  matrix: Float64Array,
  order: number,
  negative: number,
): SignedFactor | null {
  const lower = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * order + j];
      for (let k = 0; k < j; k++) {
        const product = lower[i * order + k] * lower[j * order + k];
        sum += k < negative ? product : -product;
      }
      if (j < negative) sum = -sum;
      if (j < i) lower[i * order + j] = sum / lower[j * order + j];
      else if (sum > 0 && sum < Infinity) lower[i * order + i] = Math.sqrt(sum);
      else return null;
    }
  }
  return { order, negative, lower };
}

/** v = L^-1 v, in place. */
export function solveLower({ order, lower }: SignedFactor, v: Float64Array): void {
  for (let i = 0; i < order; i++) {
    let sum = v[i];
    for (let k = 0, at = i * order; k < i; k++) sum -= lower[at + k] * v[k];
    v[i] = sum / lower[i * order + i];
  }
}

/** v = L^-T J v, in place: after `solveLower`, v = K^-1 v. */
export function solveUpper({ order, negative, lower }: SignedFactor, v: Float64Array): void {
  for (let i = 0; i < negative; i++) v[i] = -v[i];
  for (let i = order - 1; i >= 0; i--) {
    v[i] /= lower[i * order + i];
    for (let k = 0, at = i * order; k < i; k++) v[k] -= lower[at + k] * v[i];
  }
}

/** a^T J b: for a = L^-1 u and b = L^-1 v this is u^T K^-1 v. */
export function signedDot({ order, negative }: SignedFactor, a: Float64Array, b: Float64Array) {
  let sum = 0;
  for (let i = negative; i < order; i++) sum += a[i] * b[i];
  for (let i = 0; i < negative; i++) sum -= a[i] * b[i];
  return sum;
}
