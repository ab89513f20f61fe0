/** Searches: planning problems from beginning to end; fluence for given beams, beam angles. */
export {
  type AngleIslandState,
  angleIslands,
  type Judgement,
  type JudgeSet,
} from './angle-island.js';
export * from './angle-search.js';
export * from './angle-search-spec.js';
export { CandidatePool, Draws, evenSet, randomSet } from './beam-set-variation.js';
export { doseSpec, type FinalDose, type FinalVoxels, finalVoxels } from './final-dose.js';
export * from './fluence.js';
export * from './fluence-events.js';
export type { FluenceSpec } from './fluence-spec.js';
export * from './given-weights.js';
export type { Optimum } from './optimum.js';
export * from './plan-beams.js';
export * from './plan-shards.js';
export type { AngleLists, SearchSummary } from './search-summary.js';
export * from './sharded-optimum.js';
export * from './sharded-plan.js';
