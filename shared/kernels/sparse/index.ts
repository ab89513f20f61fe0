/** Sparse: run-length matrices, their products, and columns built from projected tables. */
export * from './kernels.js';
export * from './pack.js';
export * from './projected-columns.js';
export * from './run-length.js';
export * from './run-length-products.js';
