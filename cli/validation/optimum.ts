/** How good an optimum we find from the reference's start, and how soon. */
import type { Executor, SparseMatrix } from '@isola/kernels/backends';
import { type Minimum, minimise, type Progress, twoLevel } from '@isola/optimizers/algorithms';
import { doseInfluence, doseMap, type PreparedDose, restrictDose } from '@isola/planning/dose';
import { type FluenceProblem, fluenceProblem, uniformStart } from '@isola/planning/problem';
import type { ReferenceProblem } from './reference-problem.js';

/** Costs to compare with. */
export interface KnownCosts {
  /** Where the reference's optimiser stopped with its default settings. */
  readonly reference: number;
  /** The lowest cost known, or null. */
  readonly bestKnown: number | null;
}

export interface Optimum extends KnownCosts {
  readonly status: Minimum['status'];
  readonly objective: number;
  readonly iterations: number;
  /** From the uniform start to the end, the coarse level's dose influence included. */
  readonly seconds: number;
  /** Until the cost was first the reference's or lower; null where it never was. */
  readonly secondsToReference: number | null;
}

/** The optimiser has done enough this much above the best cost known, relatively. */
export const NEAR_BEST = 5e-4;
/** Without a best cost known: an iteration that lowers the cost by no more than this ends it. */
const TOLERANCE = 1e-6;
export const MAX_ITERATIONS = 200;

/** Minimises from the reference's start; `influence` is that of `prepared`, all rows. */
export async function findOptimum(
  { coarseTerms, targetRows, startDosePerFractionGy }: ReferenceProblem,
  { prepared, influence, problem }: MainLevel,
  known: KnownCosts,
  executor: Executor,
  onProgress: (progress: Progress) => void,
): Promise<Optimum> {
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1000;
  let secondsToReference: number | null = null;
  const coarseLevel = coarseTerms();
  const coarseInfluence = await doseInfluence(
    restrictDose(prepared, coarseLevel.voxels.voxels),
    executor,
  );
  const coarse = fluenceProblem(doseMap(coarseInfluence), coarseLevel.terms);
  const unitDose = new Float32Array(influence.rows);
  await influence.multiply(new Float64Array(influence.columns).fill(1), unitDose);
  const { size } = problem;
  const start = uniformStart(size, unitDose, targetRows, startDosePerFractionGy);
  const optimizer = twoLevel({
    projectedGradientTolerance: 0,
    relativeReductionTolerance: known.bestKnown === null ? TOLERANCE : 0,
  });
  const minimum = await minimise(optimizer, { ...problem, coarse }, start, {
    maxIterations: MAX_ITERATIONS,
    ...(known.bestKnown !== null && { targetValue: known.bestKnown * (1 + NEAR_BEST) }),
    onProgress: (progress) => {
      if (progress.value <= known.reference) secondsToReference ??= seconds();
      onProgress(progress);
    },
  });
  const { status, value: objective, iterations } = minimum;
  return { ...known, status, objective, iterations, seconds: seconds(), secondsToReference };
}

/** The cost on all rows. */
export interface MainLevel {
  readonly prepared: PreparedDose;
  readonly influence: SparseMatrix;
  readonly problem: FluenceProblem;
}
