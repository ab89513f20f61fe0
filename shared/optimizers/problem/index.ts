/** Problem: what is minimised, as optimisers see it; and the two contracts around it. */
export * from './bounds.js';
export * from './coordinate-moves.js';
export * from './differentiable-map.js';
export * from './input-error.js';
export * from './problem.js';
export * from './scaled-problem.js';
