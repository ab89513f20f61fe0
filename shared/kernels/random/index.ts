/** Random: counter-based random numbers, pure functions of a key and a place. */
export * from './philox.js';
export * from './random-stream.js';
