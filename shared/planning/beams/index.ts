/** Beams: directions, their clearance, the beam's eye view, and the beamlets over a target. */
export * from './beam.js';
export * from './clearance.js';
export * from './steering.js';
