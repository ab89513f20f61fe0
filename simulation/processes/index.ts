/** Processes: coordinators, workers and users of a simulated cluster. */
export * from './coordinator.js';
export * from './user.js';
export * from './worker.js';
export * from './worker-manner.js';
