/** Store: a log of events, and blobs named by their content; in memory, or in a folder. */
export * from './content-id.js';
export * from './file-store.js';
export * from './folder-lock.js';
export * from './log-record.js';
export * from './memory-store.js';
export * from './store.js';
export * from './store-error.js';
export * from './store-laws.js';
