/** Algorithms: optimisers behind one interface, and the one loop that drives them. */
export * from './lbfgsb.js';
export * from './minimise.js';
export * from './optimizer.js';
export * from './projected-gradient.js';
export * from './two-level.js';
