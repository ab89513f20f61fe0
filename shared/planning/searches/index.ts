/** Searches: planning problems from beginning to end; fluence for given beams. */
export { doseSpec, type FinalDose, type FinalVoxels, finalVoxels } from './final-dose.js';
export * from './fluence.js';
export type { FluenceSpec } from './fluence-spec.js';
export * from './given-weights.js';
export * from './plan-beams.js';
