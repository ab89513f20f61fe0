/**
 * What a thread does for a set of beams: optimises its fluence on condensed beams. A pure function
 * of its task, whichever thread runs it.
 */
import { lbfgsb, minimise } from '@isola/optimizers/algorithms';
import { type ClusterLevel, type CondensedMap, viewCondensed } from '../dose/index.js';
import { costOfDose, type Term } from '../problem/index.js';
import { type BeamsAndTerms, clusterProblem } from './cluster-problem.js';

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

/** Pairs that the optimiser keeps: more where an evaluation costs much more than they do. */
const MEMORY: Readonly<Record<ClusterLevel, number>> = { fine: 20, coarse: 10 };
/** Coarse optimisations end earlier: what they may lie above their optimum, with room to spare. */
const COARSE_TOLERANCE = 0.05;
const COARSE_GAP = 0.08;
/** Iterations that convergence is judged by. */
const WINDOW = 10;

/** Rejects by the coarse cost, which is a lower bound, and else optimises from its weights. */
export async function scoreSet(task: ScoreTask): Promise<Score> {
  const { threshold, tolerance } = task;
  const uniform = task.beams.flatMap((beam) => new Array(viewCondensed(beam).beamlets).fill(1));
  const begin = task.start ?? Float32Array.from(uniform);
  const coarse = await optimise(task, 'coarse', [begin], COARSE_TOLERANCE);
  const { value: coarseValue, evaluations: coarseEvaluations } = coarse;
  const bound = coarseValue * (1 - COARSE_GAP);
  if (bound > threshold) {
    const { weights } = coarse;
    const common = { coarseValue, weights, coarseEvaluations };
    return { ...common, value: bound, evaluations: 0, isRejected: true };
  }
  const starts = task.start === null ? [coarse.weights] : [coarse.weights, task.start];
  const fine = await optimise(task, 'fine', starts, tolerance);
  return { ...fine, coarseValue, coarseEvaluations, isRejected: false };
}

async function optimise(
  task: ScoreTask,
  level: ClusterLevel,
  starts: readonly Float32Array[],
  tolerance: number,
) {
  const { map, terms, problem, scale } = clusterProblem(task, level);
  const begins: BeginCost[] = [];
  for (const start of starts) begins.push(await begin(map, start, terms, task.prescribed));
  const best = begins.reduce((a, b) => (b.value < a.value ? b : a));
  const { value, x, evaluations } = await minimise(
    lbfgsb({ memory: MEMORY[level] }),
    problem,
    best.weights.map((weight, j) => weight / scale[j]),
    {
      maxIterations: task.maxIterations,
      isConverged: (trace) => estimatedExcess(trace) <= tolerance,
    },
  );
  const weights = Float32Array.from(x, (z, j) => z * scale[j]);
  return { value, weights, evaluations: evaluations + starts.length };
}

/**
 * By what part the last cost of a trace lies above the optimum, about. Where the excess falls as
 * 1 / k^2, the least that first-order methods do on convex costs (Nesterov 1983), the last
 * iterations' decrease tells it.
 */
function estimatedExcess(trace: readonly number[]): number {
  const k = trace.length - 1;
  if (k < WINDOW) return Infinity;
  const decrease = trace[k - WINDOW] - trace[k];
  return (decrease / Math.abs(trace[k])) * (k / (2 * WINDOW));
}

/** Weights to begin with, and what they cost. */
interface BeginCost {
  readonly weights: Float64Array;
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
  return { weights, value: costOfDose(terms, scaledDose) };
}
