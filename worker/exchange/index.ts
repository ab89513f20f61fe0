/** Exchange: workers that optimise one plan together, over core NATS. */
export * from './help.js';
export * from './join-exchange.js';
export * from './lead.js';
export * from './link.js';
export * from './messages.js';
export { PART_HEADER_BYTES } from './parts.js';
export * from './ranges.js';
export * from './toy-exchange.js';
export * from './worker-exchange.js';
