/**
 * The depth dependence of a pencil-beam machine: the functions of depth that the dose engine knows,
 * and the linear least-squares fit of any depth curve by them.
 */
import { exp, expm1 } from '@isola/kernels/elementary';

/**
 * b/(b - m) (exp(-m d) - exp(-b d)), the depth function of a component; exp(-m d) for infinite b.
 * Written with expm1, so that nothing cancels at small depths or where b is close to m. b != m.
 */
export function depthFunction(attenuationPerMm: number, betaPerMm: number, depthMm: number) {
  const attenuation = exp(-attenuationPerMm * depthMm);
  if (betaPerMm === Number.POSITIVE_INFINITY) return attenuation;
  const difference = betaPerMm - attenuationPerMm;
  return (betaPerMm / difference) * attenuation * -expm1(-difference * depthMm);
}

/**
 * Pseudo-inverse of the matrix with the given columns (of one length, linearly independent): row i
 * times y is the weight of column i in the least-squares fit of y.
 */
export function pseudoInverse(columns: readonly Float64Array[]): Float64Array[] {
  return columns.map((column, i) => {
    const others = columns.filter((_, j) => j !== i);
    const row = orthogonalPart(column, orthonormalBasis(others));
    const scale = 1 / dot(row, column);
    return row.map((value) => value * scale);
  });
}

function orthonormalBasis(columns: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const part = orthogonalPart(column, basis);
    const scale = 1 / Math.sqrt(dot(part, part));
    basis.push(part.map((value) => value * scale));
  }
  return basis;
}

/** What is left of `column` without its projections; done twice, so orthogonal to rounding. */
function orthogonalPart(column: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const part = Float64Array.from(column);
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      const projection = dot(direction, part);
      for (let k = 0; k < part.length; k++) part[k] -= projection * direction[k];
    }
  }
  return part;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
