/** Shards: parts of one plan, computed in the threads of several workers. */
export * from './led-shards.js';
export * from './port-messages.js';
export * from './serve-shards.js';
