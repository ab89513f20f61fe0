import { dot } from '@isola/kernels/vector';
import { type DifferentiableProblem, projectOntoBounds } from '../problem/index.js';
import { difference } from './difference.js';
import { type LinePoint, moreThuente } from './more-thuente.js';

/** A point with its cost and gradient. */
export interface Evaluated {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** An evaluated point on a line. */
export interface EvaluatedOnLine extends Evaluated, LinePoint {}

/** Which steps along a direction are tried; the goal lies at step 1. */
export interface StepLimits {
  readonly firstStep: number;
  readonly maxStep: number;
}

/**
 * Line search from a point towards `goal`, kept inside the bounds; null where the direction does
 * not descend or no step lowers the cost enough.
 */
export async function searchTowards(
  goal: Float64Array,
  problem: DifferentiableProblem,
  from: Evaluated,
  limits: (direction: Float64Array) => StepLimits,
): Promise<EvaluatedOnLine | null> {
  const direction = difference(goal, from.x);
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return null;
  const trial = async (step: number): Promise<EvaluatedOnLine> => {
    const x = step === 1 ? goal : along(from.x, direction, step);
    projectOntoBounds(x, problem);
    const gradient = new Float64Array(x.length);
    const value = await problem.valueAndGradient(x, gradient);
    return { step, value, slope: dot(gradient, direction), x, gradient };
  };
  const { firstStep, maxStep } = limits(direction);
  return moreThuente(trial, { step: 0, value: from.value, slope }, firstStep, maxStep);
}

function along(x: Float64Array, direction: Float64Array, step: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] + step * direction[i];
  return out;
}
