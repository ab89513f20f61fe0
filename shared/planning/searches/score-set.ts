/**
 * What a thread does for a set of beams: optimises its fluence on condensed beams. A pure function
 * of its task, whichever thread runs it.
 */
import { lbfgsb, minimise, modelNewton } from '@isola/optimizers/algorithms';
import {
  type ClusterLevel,
  type CondensedMap,
  condensedCurvature,
  viewCondensed,
} from '../dose/index.js';
import { activeCurvature, costOfDose, type Term, typicalCurvature } from '../problem/index.js';
import { type BeamsAndTerms, type ClusterProblem, clusterProblem } from './cluster-problem.js';

/** When an optimisation ends. */
export interface ScoreLimits {
  readonly maxIterations: number;
  /** Ends when the cost lies above its optimum by about this part of it. */
  readonly tolerance: number;
}

/** The prescribed structure, which has a term, and its dose. */
export interface PrescribedDose {
  readonly structure: string;
  readonly dosePerFractionGy: number;
}

export interface ScoreTask extends ScoreLimits, BeamsAndTerms {
  readonly prescribed: PrescribedDose;
  /** Weights to begin with, in any unit; null: all the same. */
  readonly start: Float32Array | null;
  /** A set that costs more need not be optimised to the end. */
  readonly threshold: number;
}

export interface Score {
  /** Cost at the weights; where rejected a lower bound of the set's cost, above the threshold. */
  readonly value: number;
  /** On coarse clusters. */
  readonly coarseValue: number;
  readonly weights: Float32Array;
  /** Costs computed, on clusters and on coarse ones. */
  readonly evaluations: number;
  readonly coarseEvaluations: number;
  readonly isRejected: boolean;
}

/** Pairs that the optimiser keeps on coarse clusters, where they cost as much as an evaluation. */
const MEMORY = 6;
/** Coarse optimisations end earlier: what they may lie above their optimum, with room to spare. */
const COARSE_TOLERANCE = 0.05;
const COARSE_GAP = 0.08;
/** Iterations that convergence of L-BFGS-B is judged by: single ones may be short by chance. */
const COARSE_WINDOW = 10;

/** Rejects by the coarse cost, which is a lower bound, and else optimises from its weights. */
export async function scoreSet(task: ScoreTask): Promise<Score> {
  const { threshold, tolerance } = task;
  const uniform = task.beams.flatMap((beam) => new Array(viewCondensed(beam).beamlets).fill(1));
  const begin = task.start ?? Float32Array.from(uniform);
  const coarse = await optimise(task, 'coarse', [begin], COARSE_TOLERANCE);
  const { value: coarseValue, evaluations: coarseEvaluations, scale } = coarse;
  const bound = coarseValue * (1 - COARSE_GAP);
  if (bound > threshold) {
    const { weights } = coarse;
    const common = { coarseValue, weights, coarseEvaluations };
    return { ...common, value: bound, evaluations: 0, isRejected: true };
  }
  const starts = task.start === null ? [coarse.weights] : [coarse.weights, task.start];
  // The same beamlets matter on both levels, and coarse clusters tell sooner.
  const fine = await optimise(task, 'fine', starts, tolerance, scale);
  const { value, weights, evaluations } = fine;
  return { value, weights, evaluations, coarseValue, coarseEvaluations, isRejected: false };
}

async function optimise(
  task: ScoreTask,
  level: ClusterLevel,
  starts: readonly Float32Array[],
  tolerance: number,
  units?: Float64Array,
) {
  const cluster = clusterProblem(task, level, units);
  const { map, terms, problem, scale } = cluster;
  const begins: BeginCost[] = [];
  for (const start of starts) begins.push(await begin(map, start, terms, task.prescribed));
  const best = begins.reduce((a, b) => (b.value < a.value ? b : a));
  const from = best.weights.map((weight, j) => weight / scale[j]);
  const limits = {
    maxIterations: task.maxIterations,
    isConverged: (trace: readonly number[]) => EXCESS[level](trace) <= tolerance,
  };
  const { value, x, evaluations } =
    level === 'coarse'
      ? await minimise(lbfgsb({ memory: MEMORY }), problem, from, limits)
      : await minimise(
          modelNewton(condensedCurvature(task.beams, curvatureAt(best.dose, cluster), scale)),
          problem,
          from,
          limits,
        );
  const weights = Float32Array.from(x, (z, j) => z * scale[j]);
  return { value, weights, scale, evaluations: evaluations + starts.length };
}

function curvatureAt(dose: Float32Array, { layers, terms }: ClusterProblem): Float32Array {
  if (layers !== null) return activeCurvature(layers, dose);
  return typicalCurvature(terms, dose.length).map((half) => 2 * half);
}

/** By what part the last cost of a trace lies above the optimum, about. */
const EXCESS: Readonly<Record<ClusterLevel, (trace: readonly number[]) => number>> = {
  coarse: (trace) => excessIfSlow(trace, COARSE_WINDOW),
  // Iterations with a model gain less and less of what is left: between the two laws.
  fine: (trace) => Math.sqrt(excessIfSlow(trace, 2) * excessIfGeometric(trace)),
};

/**
 * Where the excess falls as 1 / k^2, the least that first-order methods do on convex costs
 * (Nesterov 1983), the decrease over the last iterations tells it.
 */
function excessIfSlow(trace: readonly number[], window: number): number {
  const k = trace.length - 1;
  if (k < window) return Infinity;
  const decrease = trace[k - window] - trace[k];
  return (decrease / Math.abs(trace[k])) * (k / (2 * window));
}

/** Where every two iterations leave the same part of the excess, the last three tell it. */
function excessIfGeometric(trace: readonly number[]): number {
  const k = trace.length - 1;
  if (k < 3) return Infinity;
  const left = (trace[k - 1] - trace[k]) / (trace[k - 3] - trace[k - 2]);
  const decrease = trace[k - 2] - trace[k];
  // None left at all is a step that failed.
  const isTold = left > 0 && left < 1;
  return isTold ? (decrease / Math.abs(trace[k])) * (left / (1 - left)) : Infinity;
}

/** Weights to begin with, and what they cost. */
interface BeginCost {
  readonly weights: Float64Array;
  readonly dose: Float32Array;
  readonly value: number;
}

/** The start, so that the prescribed structure gets its dose on average. */
async function begin(
  map: CondensedMap,
  start: Float32Array,
  terms: readonly Term[],
  { structure, dosePerFractionGy }: PrescribedDose,
): Promise<BeginCost> {
  const { voxels } = terms.find((term) => term.structure === structure) as Term;
  const dose = new Float32Array(map.outputSize);
  await map.apply(Float64Array.from(start), dose);
  const { rows, weights: counts, total } = voxels;
  const sum = rows.reduce((all, row, i) => all + dose[row] * (counts === null ? 1 : counts[i]), 0);
  const factor = (dosePerFractionGy * total) / sum;
  const weights = Float64Array.from(start, (weight) => factor * weight);
  const scaledDose = dose.map((gy) => factor * gy);
  return { weights, dose: scaledDose, value: costOfDose(terms, scaledDose) };
}
