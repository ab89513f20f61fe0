/** Session: attached to a coordinator, through its loss and that of the network. */
export * from './session.js';
