/** Metrics: what processes measure, by what names, and how Prometheus fetches it. */
export * from './definitions.js';
export * from './metrics.js';
export * from './metrics-server.js';
