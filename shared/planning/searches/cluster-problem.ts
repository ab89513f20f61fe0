import { type DifferentiableProblem, scaledProblem } from '@isola/optimizers/problem';
import { type ClusterLevel, type CondensedMap, condensedMap } from '../dose/index.js';
import { createObjective } from '../objectives/index.js';
import { type ClusterTerm, fluenceProblem, type Term, typicalCurvature } from '../problem/index.js';

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
  /** Its variables are weights over `scale`. */
  readonly problem: DifferentiableProblem;
  readonly scale: Float64Array;
}

/** Of the median: beamlets that matter less are counted as if they mattered this much. */
const SMALLEST_CURVATURE = 0.1;

/** One at a time in a thread, as `condensedMap`. */
export function clusterProblem(of: BeamsAndTerms, level: ClusterLevel): ClusterProblem {
  const map = condensedMap(of.beams, level);
  const terms = (level === 'fine' ? of.terms : of.coarseTerms).map(
    (term): Term => ({ ...term, objective: createObjective(term.objective) }),
  );
  const scale = beamletScale(map, terms);
  return { map, terms, scale, problem: scaledProblem(fluenceProblem(map, terms), scale) };
}

/** Units of the weights in which the cost curves about as much along each. */
function beamletScale(map: CondensedMap, terms: readonly Term[]): Float64Array {
  const curvatures = new Float64Array(map.inputSize);
  map.curvatures(typicalCurvature(terms, map.outputSize), curvatures);
  const median = curvatures.toSorted()[Math.floor(curvatures.length / 2)];
  const smallest = SMALLEST_CURVATURE * median;
  return curvatures.map((curvature) => 1 / Math.sqrt(Math.max(curvature, smallest)));
}
