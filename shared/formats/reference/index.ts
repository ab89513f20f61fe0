/** Reference: cases worked out by another planning system, to compare with. */
export * from './read-reference.js';
export * from './reference.js';
export * from './reference-objectives.js';
