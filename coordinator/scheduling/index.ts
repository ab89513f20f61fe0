/** Scheduling: which worker computes which cell; leases, second copies, quarantine, repairs. */
export * from './dispatcher.js';
export * from './lease-table.js';
export * from './orders.js';
export * from './refusal.js';
export * from './submission.js';
