/**
 * The box of a problem: what is checked of it once, at the start, and the three operations that
 * every bound-constrained method needs.
 */
import { InputError } from './input-error.js';
import type { Problem } from './problem.js';

/** The part of a Problem that says where its variables may lie. */
export type Bounds = Pick<Problem, 'lower' | 'upper'>;

/**
 * Checks sizes and bounds of a problem and the length and values of a start.
 * @throws InputError for a size that is no positive integer, a wrong length, NaN anywhere, a lower
 * bound of Infinity or an upper bound of -Infinity. Crossed bounds pass: see `firstCrossedBound`.
 */
export function checkProblem(problem: Problem, start: Float64Array): void {
  const { size, lower, upper } = problem;
  if (!Number.isInteger(size) || size < 1) {
    throw new InputError('problem.size', `is ${size}; allowed: a positive integer`);
  }
  for (const [name, array] of Object.entries({ lower, upper, start })) {
    if (array.length !== size) {
      throw new InputError(name, `has length ${array.length}; allowed: the problem size, ${size}`);
    }
  }
  for (let i = 0; i < size; i++) {
    if (!(lower[i] < Infinity)) {
      throw new InputError(`lower[${i}]`, `is ${lower[i]}; allowed: a number or -Infinity`);
    }
    if (!(upper[i] > -Infinity)) {
      throw new InputError(`upper[${i}]`, `is ${upper[i]}; allowed: a number or Infinity`);
    }
    if (!Number.isFinite(start[i])) {
      throw new InputError(`start[${i}]`, `is ${start[i]}; allowed: a finite number`);
    }
  }
}

/** The first variable whose lower bound lies above its upper one, or -1 where there is none. */
export function firstCrossedBound({ lower, upper }: Bounds): number {
  for (let i = 0; i < lower.length; i++) if (lower[i] > upper[i]) return i;
  return -1;
}

/**
 * Where an optimiser begins: a new array, the start moved to its nearest point in the box.
 * @throws InputError as `checkProblem`, and where the box is empty.
 */
export function feasibleStart(problem: Problem, start: Float64Array): Float64Array {
  checkProblem(problem, start);
  const crossed = firstCrossedBound(problem);
  if (crossed >= 0) {
    const [low, high] = [problem.lower[crossed], problem.upper[crossed]];
    throw new InputError(`lower[${crossed}]`, `is ${low}; allowed: at most upper, ${high}`);
  }
  return projectOntoBounds(Float64Array.from(start), problem);
}

/** Moves x, in place, to its nearest point in the box. Returns x. */
export function projectOntoBounds(x: Float64Array, { lower, upper }: Bounds): Float64Array {
  for (let i = 0; i < x.length; i++) {
    if (x[i] < lower[i]) x[i] = lower[i];
    else if (x[i] > upper[i]) x[i] = upper[i];
  }
  return x;
}

/**
 * Largest entry of |P(x - gradient) - x|, where P projects onto the box: 0 exactly at the points
 * that no feasible direction improves to first order. NaN where the gradient holds NaN.
 */
export function projectedGradientInf(x: Float64Array, gradient: Float64Array, bounds: Bounds) {
  const { lower, upper } = bounds;
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const g = gradient[i];
    const move = g < 0 ? Math.min(-g, upper[i] - x[i]) : Math.min(g, x[i] - lower[i]);
    largest = Math.max(largest, move);
  }
  return largest;
}
