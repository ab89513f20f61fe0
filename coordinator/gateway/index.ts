/** Gateway: jobs over HTTP; submit, list, follow, cancel, fetch, and what monitoring asks for. */
export * from './gateway.js';
export * from './plan-desk.js';
export * from './readiness.js';
