/** Searches: planning problems from beginning to end; fluence for given beams. */
export * from './fluence.js';
