/** Sparse: run-length matrices, their products, and columns built from projected tables. */
export * from './column-moves.js';
export * from './column-sums.js';
export * from './kernels.js';
export * from './pack.js';
export * from './projected-columns.js';
export * from './quad-columns.js';
export * from './row-costs.js';
export * from './run-length.js';
export * from './run-length-products.js';
export * from './symmetric.js';
export * from './tile-gram.js';
export * from './tile-products.js';
export * from './tiles.js';
