/** Cells: toy cells, whose result is a hash of their inputs; what a job of them must come to. */
export * from './golden.js';
export * from './toy-cell.js';
