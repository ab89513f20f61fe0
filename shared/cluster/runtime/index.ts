/** Runtime: who may call whom over what; identities, TLS, limits, errors and logs of a process. */
export * from './address.js';
export * from './channel-options.js';
export * from './credentials.js';
export * from './guard.js';
export * from './identity.js';
export * from './log.js';
export * from './nats-connection.js';
export * from './permissions.js';
export * from './rpc-error.js';
export * from './tls-files.js';
