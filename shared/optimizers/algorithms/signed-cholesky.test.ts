import { describe, expect, it } from 'vitest';
import { factorSigned, signedDot, solveLower, solveUpper } from './signed-cholesky.js';

/** [ -2  1  0 ]
 *  [  1 -3  1 ]   quasidefinite: its leading 2 x 2 block is negative definite, the rest positive.
 *  [  0  1  5 ] */
const MATRIX = Float64Array.of(-2, 1, 0, 1, -3, 1, 0, 1, 5);

function times(matrix: Float64Array, v: ArrayLike<number>): number[] {
  return [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, j) => sum + matrix[3 * i + j] * v[j], 0));
}

describe('signed Cholesky factors', () => {
  it('solve K u = v', () => {
    const factor = factorSigned(MATRIX, 3, 2);
    if (!factor) throw new Error('a quasidefinite matrix has a factor');
    const u = [0.3, -0.7, 0.2];
    const v = Float64Array.from(times(MATRIX, u));
    solveLower(factor, v);
    solveUpper(factor, v);
    for (let i = 0; i < 3; i++) expect(v[i]).toBeCloseTo(u[i], 14);
  });

  it('give u^T K^-1 v as a short sum', () => {
    const factor = factorSigned(MATRIX, 3, 2);
    if (!factor) throw new Error('a quasidefinite matrix has a factor');
    const u = [1, 2, 3];
    const a = Float64Array.from(times(MATRIX, u));
    const b = Float64Array.of(-1, 0.5, 4);
    const expected = u[0] * b[0] + u[1] * b[1] + u[2] * b[2];
    solveLower(factor, a);
    solveLower(factor, b);
    expect(signedDot(factor, a, b)).toBeCloseTo(expected, 13);
  });

  it('do not exist where the signs are others, or for NaN', () => {
    expect(factorSigned(MATRIX, 3, 1)).toBeNull();
    expect(factorSigned(MATRIX, 3, 3)).toBeNull();
    expect(factorSigned(new Float64Array(9).fill(Number.NaN), 3, 2)).toBeNull();
  });

  it('exist, empty, for the matrix of order 0', () => {
    expect(factorSigned(new Float64Array(0), 0, 0)).not.toBeNull();
  });
});
