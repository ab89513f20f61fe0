/** Plans: from a plan file and what it names to cells, and from their results to a plan. */
export * from './angle-cells.js';
export { type AngleSearch, TOPOLOGIES } from './angle-search.js';
export * from './bundle.js';
export * from './load-plan.js';
export * from './outcome.js';
export * from './plan-cells.js';
export * from './plan-place.js';
export { iterationEnds } from './shard-cells.js';
