/** Machines: beam data in one form, whatever its origin. */
export * from './catalogue.js';
export * from './depth-fit.js';
export * from './machine.js';
