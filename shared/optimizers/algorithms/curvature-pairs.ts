/**
 * The limited memory of L-BFGS-B: the last m pairs of steps s and gradient changes y, and the inner
 * products from which the compact form of the approximate Hessian is made,
 *
 *     B = theta I - W M W^T,   W = [Y  theta S],   M^-1 = [ -D  L^T ; L  theta S^T S ],
 *
 * with D the diagonal and L the strict lower triangle of S^T Y (Byrd, Nocedal, Schnabel 1994; Byrd,
 * Lu, Nocedal, Zhu 1995, equations 3.3 to 3.6). Subspace minimisation needs the same products split
 * by free and fixed variables. They are updated, not summed anew: a product changes by one term for
 * each variable that changes sides. No product outlives its pair, so rounding does not build up.
 *
 * Values of this type are never changed, only replaced; pairs are shared between old and new.
 */

import { dot } from '@isola/kernels/vector';

/** All matrices are row-major, count x count, oldest pair first. */
export interface CurvaturePairs {
  /** Scale of the Hessian outside the memory. */
  readonly theta: number;
  readonly steps: readonly Float64Array[];
  readonly changes: readonly Float64Array[];
  /** s_i . y_j for j <= i: L and D. The rest is not used. */
  readonly stepChange: Float64Array;
  /** s_i . s_j */
  readonly stepStep: Float64Array;
  /** 1 where a variable counts as free in the three matrices below. */
  readonly free: Uint8Array;
  /** y_i . y_j over free variables. */
  readonly freeChangeChange: Float64Array;
  /** s_i . s_j over fixed variables. */
  readonly fixedStepStep: Float64Array;
  /** s_i . y_j: over free variables where i <= j, over fixed ones where i > j. */
  readonly mixedStepChange: Float64Array;
}

/** A memory without pairs: B is the identity. */
export function emptyPairs(size: number): CurvaturePairs {
  const none = new Float64Array(0);
  return {
    theta: 1,
    steps: [],
    changes: [],
    stepChange: none,
    stepStep: none,
    free: new Uint8Array(size),
    freeChangeChange: none,
    fixedStepStep: none,
    mixedStepChange: none,
  };
}

/** The memory with the pair (s, y), s . y > 0, as its newest; beyond `capacity` the oldest goes. */
export function withPair(
  pairs: CurvaturePairs,
  s: Float64Array,
  y: Float64Array,
  capacity: number,
): CurvaturePairs {
  const dropped = pairs.steps.length < capacity ? 0 : 1;
  const steps = [...pairs.steps.slice(dropped), s];
  const changes = [...pairs.changes.slice(dropped), y];
  const count = steps.length;
  const grown = (matrix: Float64Array) => withRow(matrix, count - 1 + dropped, dropped);
  const next = {
    steps,
    changes,
    free: pairs.free,
    stepChange: grown(pairs.stepChange),
    stepStep: grown(pairs.stepStep),
    freeChangeChange: grown(pairs.freeChangeChange),
    fixedStepStep: grown(pairs.fixedStepStep),
    mixedStepChange: grown(pairs.mixedStepChange),
  };
  const last = count - 1;
  const split = splitPair(s, y, pairs.free);
  const products = new Float64Array(6);
  for (let j = 0; j < count; j++) {
    splitProducts(split, steps[j], changes[j], products);
    const [syFree, syFixed, ssFree, ssFixed, yyFree, ysFree] = products;
    const [row, column] = [last * count + j, j * count + last];
    next.stepChange[row] = syFree + syFixed;
    next.stepStep[row] = next.stepStep[column] = ssFree + ssFixed;
    next.freeChangeChange[row] = next.freeChangeChange[column] = yyFree;
    next.fixedStepStep[row] = next.fixedStepStep[column] = ssFixed;
    next.mixedStepChange[row] = syFixed;
    next.mixedStepChange[column] = ysFree;
  }
  const sy = next.stepChange[count * count - 1];
  return { ...next, theta: dot(y, y) / sy };
}

/** The memory with its split products moved to another set of free variables. */
export function withFree(pairs: CurvaturePairs, free: Uint8Array): CurvaturePairs {
  const { steps, changes } = pairs;
  const count = steps.length;
  const freeChangeChange = pairs.freeChangeChange.slice();
  const fixedStepStep = pairs.fixedStepStep.slice();
  const mixedStepChange = pairs.mixedStepChange.slice();
  const s = new Float64Array(count);
  const y = new Float64Array(count);
  for (let k = 0; k < free.length; k++) {
    if (free[k] === pairs.free[k]) continue;
    const sign = free[k] === 1 ? 1 : -1;
    for (let i = 0; i < count; i++) {
      s[i] = steps[i][k];
      y[i] = changes[i][k];
    }
    for (let i = 0, at = 0; i < count; i++) {
      const [si, yi] = [sign * s[i], sign * y[i]];
      for (let j = 0; j < count; j++, at++) {
        freeChangeChange[at] += yi * y[j];
        fixedStepStep[at] -= si * s[j];
        mixedStepChange[at] += i <= j ? si * y[j] : -si * y[j];
      }
    }
  }
  return { ...pairs, free, freeChangeChange, fixedStepStep, mixedStepChange };
}

/** M^-1 (equation 3.4), row-major 2 count x 2 count, lower triangle. */
export function middleMatrix(pairs: CurvaturePairs): Float64Array {
  const { theta, stepChange, stepStep, steps } = pairs;
  const count = steps.length;
  const order = 2 * count;
  const matrix = new Float64Array(order * order);
  for (let i = 0; i < count; i++) {
    matrix[i * order + i] = -stepChange[i * count + i];
    for (let j = 0; j <= i; j++) {
      if (j < i) matrix[(count + i) * order + j] = stepChange[i * count + j];
      matrix[(count + i) * order + count + j] = theta * stepStep[i * count + j];
    }
  }
  return matrix;
}

/**
 * M^-1 - W_F^T W_F / theta with W_F the rows of W at free variables, lower triangle, row-major: the
 * matrix that inverts B within the free variables (Byrd et al. 1995, equation 5.11, times M^-1).
 */
export function freeMiddleMatrix(pairs: CurvaturePairs): Float64Array {
  const { theta, stepChange, freeChangeChange, fixedStepStep, mixedStepChange, steps } = pairs;
  const count = steps.length;
  const order = 2 * count;
  const matrix = new Float64Array(order * order);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const at = i * count + j;
      matrix[i * order + j] = -freeChangeChange[at] / theta - (i === j ? stepChange[at] : 0);
      matrix[(count + i) * order + j] = i <= j ? -mixedStepChange[at] : mixedStepChange[at];
      matrix[(count + i) * order + count + j] = theta * fixedStepStep[at];
    }
  }
  return matrix;
}

/** out = W^T v; out has length 2 count. */
export function transposedProduct(pairs: CurvaturePairs, v: Float64Array, out: Float64Array): void {
  const { theta, steps, changes } = pairs;
  const count = steps.length;
  for (let j = 0; j < count; j++) {
    out[j] = dot(changes[j], v);
    out[count + j] = theta * dot(steps[j], v);
  }
}

/** v += scale W coefficients. */
export function addProduct(
  pairs: CurvaturePairs,
  coefficients: Float64Array,
  scale: number,
  v: Float64Array,
): void {
  const { theta, steps, changes } = pairs;
  const count = steps.length;
  // Two pairs a pass halve the traffic on v; an odd last pair is its own partner, at weight 0.
  for (let j = 0; j < count; j += 2) {
    const k = Math.min(j + 1, count - 1);
    const weight = k > j ? scale : 0;
    const a = scale * coefficients[j];
    const b = scale * theta * coefficients[count + j];
    const c = weight * coefficients[k];
    const d = weight * theta * coefficients[count + k];
    const [y0, s0, y1, s1] = [changes[j], steps[j], changes[k], steps[k]];
    for (let i = 0; i < v.length; i++) v[i] += a * y0[i] + b * s0[i] + (c * y1[i] + d * s1[i]);
  }
}

/** out = row k of W. */
export function rowOf(pairs: CurvaturePairs, k: number, out: Float64Array): void {
  const { theta, steps, changes } = pairs;
  const count = steps.length;
  for (let j = 0; j < count; j++) {
    out[j] = changes[j][k];
    out[count + j] = theta * steps[j][k];
  }
}

/** A larger copy: without the first `dropped` rows and columns, with one more of each, zero. */
function withRow(matrix: Float64Array, before: number, dropped: number): Float64Array {
  const kept = before - dropped;
  const out = new Float64Array((kept + 1) * (kept + 1));
  for (let i = 0; i < kept; i++) {
    const from = (i + dropped) * before + dropped;
    out.set(matrix.subarray(from, from + kept), i * (kept + 1));
  }
  return out;
}

/** The newest pair with zeros where a variable is not free (or not fixed): no branches in sums. */
interface SplitPair {
  readonly sFree: Float64Array;
  readonly sFixed: Float64Array;
  readonly yFree: Float64Array;
}

function splitPair(s: Float64Array, y: Float64Array, free: Uint8Array): SplitPair {
  const sFree = new Float64Array(s.length);
  const sFixed = s.slice();
  const yFree = new Float64Array(s.length);
  for (let i = 0; i < s.length; i++) {
    if (free[i] === 0) continue;
    sFree[i] = s[i];
    sFixed[i] = 0;
    yFree[i] = y[i];
  }
  return { sFree, sFixed, yFree };
}

/** out = s.yj free, s.yj fixed, s.sj free, s.sj fixed, y.yj free, y.sj free. */
function splitProducts(
  { sFree, sFixed, yFree }: SplitPair,
  sj: Float64Array,
  yj: Float64Array,
  out: Float64Array,
): void {
  let syFree = 0;
  let syFixed = 0;
  let ssFree = 0;
  let ssFixed = 0;
  let yyFree = 0;
  let ysFree = 0;
  for (let i = 0; i < sj.length; i++) {
    const a = sj[i];
    const b = yj[i];
    syFree += sFree[i] * b;
    syFixed += sFixed[i] * b;
    ssFree += sFree[i] * a;
    ssFixed += sFixed[i] * a;
    yyFree += yFree[i] * b;
    ysFree += yFree[i] * a;
  }
  out[0] = syFree;
  out[1] = syFixed;
  out[2] = ssFree;
  out[3] = ssFixed;
  out[4] = yyFree;
  out[5] = ysFree;
}
