/** Cells: a leased cell from bytes to bytes. */
export * from './compute-cell.js';
