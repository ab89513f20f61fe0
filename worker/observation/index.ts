/** Observation: logs and metrics of a worker, made from what it says of itself. */
export * from './worker-log.js';
export * from './worker-metrics.js';
