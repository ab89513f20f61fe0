/** Observation: logs and metrics of a coordinator, made from what it says of itself. */
export * from './coordinator-log.js';
export * from './coordinator-metrics.js';
export * from './measured-store.js';
