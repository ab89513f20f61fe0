/** Objectives: cost as a function of dose, value and derivative together, one a file. */
export * from './catalogue.js';
export * from './dose-array.js';
export * from './dose-at-volume.js';
export * from './dose-bins.js';
export * from './geud.js';
export * from './max-dvh.js';
export * from './mean.js';
export * from './min-dvh.js';
export * from './objective.js';
export * from './squared-deviation.js';
export * from './squared-difference.js';
export * from './squared-overdosing.js';
export * from './squared-underdosing.js';
