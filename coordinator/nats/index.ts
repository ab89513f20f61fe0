/** Nats: the server of a cluster's log: found, started, refused where it would forget. */
export * from './check-server.js';
export * from './free-ports.js';
export * from './nats-monitor.js';
export * from './nats-server.js';
export * from './secured.js';
export * from './server-path.js';
