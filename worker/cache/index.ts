/** Cache: computed beams kept on disk between runs, and blobs kept in memory. */
export * from './beam-cache.js';
export * from './blob-cache.js';
