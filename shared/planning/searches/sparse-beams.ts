/**
 * Beams by group sparsity: the fluence of all candidates at once is optimised with a penalty that
 * sets whole beams to zero, raised until few are left. The beam selection of 4 pi radiotherapy:
 * O'Connor, Voronenko, Nguyen, Yin, Sheng (2018), arXiv 1710.05308.
 */
import { selectGroups } from '@isola/optimizers/algorithms';
import { type ClusterLevel, viewCondensed } from '../dose/index.js';
import { type BeamsAndTerms, clusterProblem } from './cluster-problem.js';

export interface SparseBeamsTask extends BeamsAndTerms {
  readonly level: ClusterLevel;
  /** Beams to be left. */
  readonly count: number;
}

const LIMITS = { maxSolves: 14, maxIterations: 300, relativeReductionTolerance: 1e-5 };

/** What a thread does: at most `count` places in `beams`, those that matter most first. */
export async function sparseBeams(task: SparseBeamsTask): Promise<readonly number[]> {
  const { problem } = clusterProblem(task, task.level);
  const sizes = task.beams.map((beam) => viewCondensed(beam).beamlets);
  const groupStarts = new Uint32Array(sizes.length + 1);
  for (let b = 0; b < sizes.length; b++) groupStarts[b + 1] = groupStarts[b] + sizes[b];
  // A beam of many beamlets has the larger norm for the same fluence.
  const weights = Float64Array.from(sizes, Math.sqrt);
  const { groups } = await selectGroups(problem, { groupStarts, weights }, task.count, LIMITS);
  return groups.slice(0, task.count);
}
