/** Network: calls and streams between processes, late, cut, reset, or answered twice. */
export * from './network.js';
export * from './stream.js';
