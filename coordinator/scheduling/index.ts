/** Scheduling: which worker computes which cell; leases, second copies, quarantine, repairs. */
export * from './arrivals.js';
export * from './dispatcher.js';
export * from './dispatcher-options.js';
export * from './leadership.js';
export * from './lease.js';
export * from './lease-table.js';
export * from './ledger.js';
export * from './notes.js';
export * from './orders.js';
export * from './refusal.js';
export * from './submission.js';
export * from './worker-links.js';
