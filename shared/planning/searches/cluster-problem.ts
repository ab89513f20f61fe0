import type { RowCostLayer } from '@isola/kernels/sparse';
import { type DifferentiableProblem, scaledProblem } from '@isola/optimizers/problem';
import {
  type ClusterLevel,
  type CondensedMap,
  condensedMap,
  viewCondensed,
} from '../dose/index.js';
import { createObjective } from '../objectives/index.js';
import {
  type ClusterTerm,
  fluenceProblem,
  isPricedByRow,
  meanSlopes,
  rowCostLayers,
  type Term,
  typicalCurvature,
} from '../problem/index.js';

/** Condensed beams, and what their dose costs on clusters. */
export interface BeamsAndTerms {
  readonly beams: readonly SharedArrayBuffer[];
  readonly terms: readonly ClusterTerm[];
  /** On coarse clusters, where they cost no more than on the others. */
  readonly coarseTerms: readonly ClusterTerm[];
}

/** The fluence of some beams as a problem on clusters of voxels. */
export interface ClusterProblem {
  readonly map: CondensedMap;
  readonly terms: readonly Term[];
  /** All of the cost but mean doses; null where a penalty looks at many rows at once. */
  readonly layers: readonly RowCostLayer[] | null;
  /** Its variables are weights over `scale`. */
  readonly problem: DifferentiableProblem;
  readonly scale: Float64Array;
}

/** Of the median: beamlets that matter less are counted as if they mattered this much. */
const SMALLEST_CURVATURE = 0.1;

/**
 * One at a time in a thread, as `condensedMap`.
 *
 * @param units of the weights, such as those of the same beams on another level; default: its own
 */
export function clusterProblem(
  of: BeamsAndTerms,
  level: ClusterLevel,
  units?: Float64Array,
): ClusterProblem {
  const terms = (level === 'fine' ? of.terms : of.coarseTerms).map(
    (term): Term => ({ ...term, objective: createObjective(term.objective) }),
  );
  const { rows, layers } = costsOfRows(of.beams, level, terms);
  const map = condensedMap(of.beams, level, layers ?? []);
  const scale = units ?? beamletScale(map, terms);
  const problem = fluenceProblem(map, terms);
  const inOnePass = layers === null ? problem : onePass(problem, map, meanSlopes(rows, terms));
  return { map, terms, layers, scale, problem: scaledProblem(inOnePass, scale) };
}

/** Cost alone and cost with gradient from the same sums: line searches compare the two. */
function onePass(
  { size, lower, upper }: DifferentiableProblem,
  map: CondensedMap,
  slopes: Float32Array | null,
): DifferentiableProblem {
  const valueAndGradient = costInOnePass(map, slopes);
  const unused = new Float64Array(size);
  return { size, lower, upper, valueAndGradient, value: (x) => valueAndGradient(x, unused) };
}

function costsOfRows(
  beams: readonly SharedArrayBuffer[],
  level: ClusterLevel,
  terms: readonly Term[],
) {
  const rows = viewCondensed(beams[0])[level].tiles.matrixRows;
  return { rows, layers: terms.every(isPricedByRow) ? rowCostLayers(rows, terms) : null };
}

/** Penalties of rows by the map; mean doses are linear in the weights. */
function costInOnePass(map: CondensedMap, slopes: Float32Array | null) {
  const linear = new Float64Array(map.inputSize);
  const isReady = slopes === null ? null : map.pullback(linear, slopes, linear);
  return async (weights: Float64Array, gradient: Float64Array) => {
    await isReady;
    let cost = map.costAndGradient(weights, gradient);
    if (slopes === null) return cost;
    for (let j = 0; j < weights.length; j++) {
      cost += linear[j] * weights[j];
      gradient[j] += linear[j];
    }
    return cost;
  };
}

/** Units of the weights in which the cost curves about as much along each. */
function beamletScale(map: CondensedMap, terms: readonly Term[]): Float64Array {
  const curvatures = new Float64Array(map.inputSize);
  map.curvatures(typicalCurvature(terms, map.outputSize), curvatures);
  const median = curvatures.toSorted()[Math.floor(curvatures.length / 2)];
  const smallest = SMALLEST_CURVATURE * median;
  return curvatures.map((curvature) => 1 / Math.sqrt(Math.max(curvature, smallest)));
}
