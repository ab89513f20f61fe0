/** Session: attached to a coordinator, through its loss and that of the network. */
export * from './notes.js';
export * from './session.js';
