/** Checkers: what must be true of a cluster, at every moment and at the end. */
export * from './ending-checker.js';
export * from './lease-checker.js';
export * from './log-checker.js';
export * from './violation.js';
