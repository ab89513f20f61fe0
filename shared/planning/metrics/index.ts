/** Metrics: what a dose is worth; histograms, dose-volume metrics, indices, gamma, goals. */
export * from './complexity.js';
export * from './conformity.js';
export * from './dose-metrics.js';
export * from './dvh.js';
export * from './gamma.js';
export * from './goal-evaluation.js';
export * from './goals.js';
export * from './sorted-doses.js';
