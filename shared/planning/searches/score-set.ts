/**
 * What a thread does for a set of beams: optimises its fluence on condensed beams. A pure function
 * of its task, whichever thread runs it.
 */
import { lbfgsb, minimise } from '@isola/optimizers/algorithms';
import { scaledProblem } from '@isola/optimizers/problem';
import {
  type ClusterLevel,
  type CondensedMap,
  condensedMap,
  viewCondensed,
} from '../dose/index.js';
import { createObjective } from '../objectives/index.js';
import { type ClusterTerm, fluenceProblem, type Term, typicalCurvature } from '../problem/index.js';

/** When an optimisation ends. */
export interface ScoreLimits {
  readonly maxIterations: number;
  /** Ends when ten iterations lower the cost by no more than this part of it. */
  readonly tolerance: number;
}

/** The prescribed structure, which has a term, and its dose. */
export interface PrescribedDose {
  readonly structure: string;
  readonly dosePerFractionGy: number;
}

export interface ScoreTask extends ScoreLimits {
  readonly beams: readonly SharedArrayBuffer[];
  readonly terms: readonly ClusterTerm[];
  /** On coarse clusters, where they cost no more than on the others. */
  readonly coarseTerms: readonly ClusterTerm[];
  readonly prescribed: PrescribedDose;
  /** Weights to begin with, in any unit; null: all the same. */
  readonly start: Float32Array | null;
  /** A set that costs more need not be optimised to the end. */
  readonly threshold: number;
}

export interface Score {
  /** Cost at the weights; where rejected a lower bound of the set's cost, above the threshold. */
  readonly value: number;
  readonly weights: Float32Array;
  /** Costs computed, on clusters and on coarse ones. */
  readonly evaluations: number;
  readonly coarseEvaluations: number;
  readonly isRejected: boolean;
}

/** Pairs that the optimiser keeps; more than its default, for evaluations cost much more. */
const MEMORY = 20;
/** Of the median: beamlets that matter less are counted as if they mattered this much. */
const SMALLEST_CURVATURE = 0.1;
/** Coarse optimisations end earlier: what they may lie above their optimum, with room to spare. */
const COARSE_TOLERANCE = 4e-3;
const COARSE_GAP = 0.03;

/** Rejects by the coarse cost, which is a lower bound, and else optimises from its weights. */
export async function scoreSet(task: ScoreTask): Promise<Score> {
  const { threshold, tolerance } = task;
  const uniform = task.beams.flatMap((beam) => new Array(viewCondensed(beam).beamlets).fill(1));
  const begin = task.start ?? Float32Array.from(uniform);
  const coarse = await optimise(task, 'coarse', begin, COARSE_TOLERANCE);
  const coarseEvaluations = coarse.evaluations;
  const bound = coarse.value * (1 - COARSE_GAP);
  if (bound > threshold) {
    const { weights } = coarse;
    return { value: bound, weights, evaluations: 0, coarseEvaluations, isRejected: true };
  }
  const fine = await optimise(task, 'fine', coarse.weights, tolerance);
  return { ...fine, coarseEvaluations, isRejected: false };
}

async function optimise(
  task: ScoreTask,
  level: ClusterLevel,
  begin: Float32Array,
  windowTolerance: number,
) {
  const map = condensedMap(task.beams, level);
  const terms = (level === 'fine' ? task.terms : task.coarseTerms).map(
    (term): Term => ({ ...term, objective: createObjective(term.objective) }),
  );
  const scale = beamletScale(map, terms);
  const start = await scaledStart(map, begin, terms, task.prescribed);
  const { value, x, evaluations } = await minimise(
    lbfgsb({ memory: MEMORY }),
    scaledProblem(fluenceProblem(map, terms), scale),
    start.map((weight, j) => weight / scale[j]),
    { maxIterations: task.maxIterations, windowTolerance },
  );
  return { value, weights: Float32Array.from(x, (z, j) => z * scale[j]), evaluations };
}

/** Units of the weights in which the cost curves about as much along each. */
function beamletScale(map: CondensedMap, terms: readonly Term[]): Float64Array {
  const curvatures = new Float64Array(map.inputSize);
  map.curvatures(typicalCurvature(terms, map.outputSize), curvatures);
  const median = curvatures.toSorted()[Math.floor(curvatures.length / 2)];
  const smallest = SMALLEST_CURVATURE * median;
  return curvatures.map((curvature) => 1 / Math.sqrt(Math.max(curvature, smallest)));
}

/** The start, so that the prescribed structure gets its dose on average. */
async function scaledStart(
  map: CondensedMap,
  begin: Float32Array,
  terms: readonly Term[],
  { structure, dosePerFractionGy }: PrescribedDose,
): Promise<Float64Array> {
  const { voxels } = terms.find((term) => term.structure === structure) as Term;
  const weights = Float64Array.from(begin);
  const dose = new Float32Array(map.outputSize);
  await map.apply(weights, dose);
  const { rows, weights: counts, total } = voxels;
  const sum = rows.reduce((all, row, i) => all + dose[row] * (counts === null ? 1 : counts[i]), 0);
  return weights.map((weight) => (weight * dosePerFractionGy * total) / sum);
}
