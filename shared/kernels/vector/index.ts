/** Vector: sums, products and norms of typed arrays in a fixed order. */
export * from './sum.js';
export * from './vector.js';
