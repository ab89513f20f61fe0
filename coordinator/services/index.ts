/** Services: gRPC calls of users and workers, handed to the dispatcher. */
export * from './admission.js';
export * from './answers.js';
export * from './rpc-server.js';
export * from './rpc-status.js';
export * from './wire-job.js';
export * from './workers-service.js';
