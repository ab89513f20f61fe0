/** Variation: selection, crossover and mutation of points, as pure functions of numbered draws. */
export * from './blend-crossover.js';
export * from './crossover.js';
export * from './draws.js';
export * from './gaussian-mutation.js';
export * from './mutation.js';
export * from './pair.js';
export * from './picker.js';
export * from './point-crossover.js';
export * from './polynomial-mutation.js';
export * from './proportional-selection.js';
export * from './ranges.js';
export * from './selection.js';
export * from './simulated-binary-crossover.js';
export * from './tournament-selection.js';
export * from './uniform-crossover.js';
export * from './uniform-mutation.js';
