/** Vector: sums, products and norms of typed arrays in a fixed order. */
export * from './exact-sum.js';
export * from './sum.js';
export * from './vector.js';
