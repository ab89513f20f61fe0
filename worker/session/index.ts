/** Session: attached to a coordinator, through its loss and that of the network. */
export type { FailedDial } from './connection.js';
export * from './notes.js';
export * from './session.js';
