/** Mutation: a variable of a point changes by chance. */
import { InputError } from '../problem/index.js';
import type { Draws } from './draws.js';
import { gaussianMutation } from './gaussian-mutation.js';
import { polynomialMutation } from './polynomial-mutation.js';
import type { Ranges } from './ranges.js';
import { uniformMutation } from './uniform-mutation.js';

export type Mutation =
  | {
      /** Anywhere in its range. */
      readonly kind: 'uniform';
    }
  | {
      readonly kind: 'gaussian';
      /** Standard deviation over the width of the range, above 0. */
      readonly part: number;
    }
  | {
      readonly kind: 'polynomial';
      /** Distribution index, 0 or more: large where steps shall be small. */
      readonly index: number;
    };

/**
 * A new value of a variable, within its bounds. Takes one draw.
 * @param x its value, within its bounds
 */
export function mutated(
  mutation: Mutation,
  x: number,
  variable: number,
  ranges: Ranges,
  draws: Draws,
  draw: number,
): number {
  switch (mutation.kind) {
    case 'uniform':
      return uniformMutation(x, variable, ranges, draws.uniform(draw));
    case 'gaussian':
      return gaussianMutation(x, variable, ranges, mutation.part, draws.normal(draw));
    case 'polynomial':
      return polynomialMutation(x, variable, ranges, mutation.index, draws.uniform(draw));
  }
}

/** The point after each variable mutated with a probability. Takes two draws a variable. */
export function mutatedPoint(
  mutation: Mutation,
  x: Float64Array,
  probability: number,
  ranges: Ranges,
  draws: Draws,
  first: number,
): Float64Array {
  return x.map((xi, i) => {
    if (draws.uniform(first + 2 * i) >= probability) return xi;
    return mutated(mutation, xi, i, ranges, draws, first + 2 * i + 1);
  });
}

/** @throws InputError for an unknown kind or a parameter outside its range */
export function checkMutation(place: string, mutation: Mutation): void {
  const { kind } = mutation;
  if (kind === 'uniform') return;
  if (kind === 'gaussian') {
    const { part } = mutation;
    if (Number.isFinite(part) && part > 0) return;
    throw new InputError(`${place}.part`, `is ${part}; allowed: a number above 0`);
  }
  if (kind !== 'polynomial') {
    const allowed = 'uniform, gaussian, polynomial';
    throw new InputError(`${place}.kind`, `is ${String(kind)}; allowed: ${allowed}`);
  }
  const { index } = mutation;
  if (Number.isFinite(index) && index >= 0) return;
  throw new InputError(`${place}.index`, `is ${index}; allowed: a number of 0 or more`);
}
