/** Planted: bugs that are put into the code under test, each of which must be found. */
export * from './hunt.js';
export * from './planted-bug.js';
export { PLANTED_BUGS } from './planted-bugs.js';
