/** Cluster: a whole cluster from one seed, run to its end and judged. */
export * from './simulate.js';
export * from './simulation-report.js';
