/** Simulated: a whole cluster in one thread, a seed a trial; and bugs that must be found there. */
export * from './simulated-faults.js';
