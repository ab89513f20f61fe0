/** Time: virtual time in which all happens, processes that live in it, draws that decide. */
export * from './chance.js';
export * from './process.js';
export * from './timeline.js';
