/** Store: the log of a job's events and blobs named by their content; in memory, in a folder. */
export * from './content-id.js';
export * from './file-store.js';
export * from './memory-store.js';
export * from './store.js';
export * from './store-error.js';
export * from './store-laws.js';
