/**
 * Eigenvalues and eigenvectors of a symmetric matrix.
 *
 * Householder reflections make it tridiagonal, implicit QR steps with Wilkinson's shift make that
 * diagonal: Golub, Van Loan, "Matrix Computations" (4th ed. 2013), algorithms 8.3.1 to 8.3.3. Only
 * sums, products, quotients and square roots in a fixed order: the same bits on every engine.
 */

/** A = sum_k values[k] v_k v_k^T, where v_k is row k of `vectors`; the rows are orthonormal. */
export interface SymmetricEigen {
  /** Ascending. Length n. */
  readonly values: Float64Array;
  /** n x n, row by row. */
  readonly vectors: Float64Array;
}

/** QR steps an eigenvalue may take; 2 or 3 are usual. */
const MAX_STEPS = 50;

/** Where the matrix stands on its way: T, tridiagonal, equals V A V^T. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry k couples k and k + 1. */
  readonly beside: Float64Array;
  /** V, row by row. */
  readonly rows: Float64Array;
}

/**
 * @param matrix n x n, finite; symmetric (of each pair the lower entry is read); not changed
 * @throws Error where an entry is not finite
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const tridiagonal = tridiagonalised(matrix, n);
  diagonalise(tridiagonal, n);
  const { diagonal, rows } = tridiagonal;
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[a] - diagonal[b]);
  const vectors = new Float64Array(n * n);
  for (const [k, from] of order.entries()) {
    vectors.set(rows.subarray(from * n, (from + 1) * n), k * n);
  }
  return { values: Float64Array.from(order, (k) => diagonal[k]), vectors };
}

function tridiagonalised(matrix: Float64Array, n: number): Tridiagonal {
  const a = Float64Array.from(matrix);
  const reflectors: { first: number; v: Float64Array; beta: number }[] = [];
  for (let k = 0; k + 2 < n; k++) {
    const first = k + 1;
    const v = new Float64Array(n);
    let below = 0;
    for (let i = first; i < n; i++) {
      v[i] = a[i * n + k];
      if (i > first) below += v[i] * v[i];
    }
    if (below === 0) continue;
    const length = Math.sqrt(v[first] * v[first] + below);
    const pivot = v[first] > 0 ? -length : length;
    v[first] -= pivot;
    const beta = 2 / (v[first] * v[first] + below);
    reflectTrailing(a, n, first, v, beta);
    a[first * n + k] = pivot;
    reflectors.push({ first, v, beta });
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
  const beside = Float64Array.from({ length: n - 1 }, (_, i) => a[(i + 1) * n + i]);
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (const { first, v, beta } of reflectors.reverse()) {
    for (let i = first; i < n; i++) {
      let along = 0;
      for (let j = first; j < n; j++) along += rows[i * n + j] * v[j];
      for (let j = first; j < n; j++) rows[i * n + j] -= beta * along * v[j];
    }
  }
  return { diagonal, beside, rows };
}

/** A := H A H in the lower triangle from row `first` on, where H = I - beta v v^T. */
function reflectTrailing(
  a: Float64Array,
  n: number,
  first: number,
  v: Float64Array,
  beta: number,
): void {
  const w = new Float64Array(n);
  for (let i = first; i < n; i++) {
    w[i] += a[i * n + i] * v[i];
    for (let j = first; j < i; j++) {
      w[i] += a[i * n + j] * v[j];
      w[j] += a[i * n + j] * v[i];
    }
  }
  let along = 0;
  for (let i = first; i < n; i++) {
    w[i] *= beta;
    along += w[i] * v[i];
  }
  for (let i = first; i < n; i++) w[i] -= (beta / 2) * along * v[i];
  for (let i = first; i < n; i++) {
    for (let j = first; j <= i; j++) a[i * n + j] -= v[i] * w[j] + w[i] * v[j];
  }
}

function diagonalise(tridiagonal: Tridiagonal, n: number): void {
  const { diagonal, beside } = tridiagonal;
  const isNothing = (k: number) =>
    Math.abs(beside[k]) <= Number.EPSILON * (Math.abs(diagonal[k]) + Math.abs(diagonal[k + 1]));
  let steps = 0;
  for (let high = n - 1; high > 0; ) {
    if (isNothing(high - 1)) {
      high--;
      continue;
    }
    if (++steps > MAX_STEPS * n) throw new Error('the eigenvalues of a matrix did not converge');
    let low = high - 1;
    while (low > 0 && !isNothing(low - 1)) low--;
    qrStep(tridiagonal, n, low, high);
  }
}

/** One implicit QR step on rows and columns `low` to `high`, which nothing else couples to. */
function qrStep({ diagonal, beside, rows }: Tridiagonal, n: number, low: number, high: number) {
  const b = beside[high - 1];
  const half = (diagonal[high - 1] - diagonal[high]) / 2;
  const root = Math.sqrt(half * half + b * b);
  const shift = diagonal[high] - (b * b) / (half + (half < 0 ? -root : root));
  let x = diagonal[low] - shift;
  let z = beside[low];
  for (let k = low; k < high; k++) {
    const r = Math.sqrt(x * x + z * z);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : z / r;
    if (k > low) beside[k - 1] = r;
    const p = diagonal[k];
    const q = beside[k];
    const t = diagonal[k + 1];
    diagonal[k] = c * c * p + 2 * c * s * q + s * s * t;
    diagonal[k + 1] = s * s * p - 2 * c * s * q + c * c * t;
    beside[k] = c * s * (t - p) + (c * c - s * s) * q;
    if (k + 1 < high) {
      x = beside[k];
      z = s * beside[k + 1];
      beside[k + 1] *= c;
    }
    for (let j = k * n; j < (k + 1) * n; j++) {
      const upper = rows[j];
      const lower = rows[j + n];
      rows[j] = c * upper + s * lower;
      rows[j + n] = c * lower - s * upper;
    }
  }
}
