/** Faults: what goes wrong in a run, all of it in one object, and who brings it about. */
export * from './fault-options.js';
export * from './nemesis.js';
