/** Cache: computed beams kept on disk between runs. */
export * from './beam-cache.js';
