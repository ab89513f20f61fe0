/** JetStream: a store on NATS servers, which several coordinators have open. */
export * from './jetstream-store.js';
