/** Beams: directions, the beam's eye view, and the beamlets that cover a target. */
export * from './beam.js';
export * from './steering.js';
