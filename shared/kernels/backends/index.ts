/** Backends: shared memories, WebAssembly kernels and threads behind the products. */
export * from './arena.js';
export * from './column-moves.js';
export * from './executor.js';
export * from './sparse-matrix.js';
export { kernelsOn } from './wasm.js';
