/** Storage: the log and the blobs of a cluster, and the way of a coordinator to them. */
export * from './log-server.js';
export * from './store-link.js';
