/** Dose: the pencil-beam engine; dose influence, forward dose and their adjoint. */

export * from './condensed-beam.js';
export * from './condensed-curvature.js';
export * from './condensed-influence.js';
export * from './condensed-map.js';
export * from './dose-map.js';
export * from './engine.js';
export * from './final-grid.js';
export * from './reference-dose.js';
export * from './row-clusters.js';
export * from './voxels.js';
