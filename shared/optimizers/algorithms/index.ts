/** Algorithms: optimisers behind one interface, and the one loop that drives them. */
export * from './annealing.js';
export * from './cma-es.js';
export * from './differential-evolution.js';
export * from './genetic.js';
export * from './group-sparse.js';
export * from './group-sparse-norm.js';
export * from './group-sparse-selection.js';
export * from './lbfgsb.js';
export * from './memetic.js';
export * from './minimise.js';
export * from './model-newton.js';
export * from './neighbourhood.js';
export type { NeighbourhoodMove, NeighbourhoodOptions } from './neighbourhood-settings.js';
export * from './optimizer.js';
export * from './population-method.js';
export * from './projected-gradient.js';
export * from './two-level.js';
