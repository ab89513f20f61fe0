/** Wire: messages and services as TypeScript, and how blobs cross the network. */
export * as blobs from '@isola/proto/blobs';
export * as jobs from '@isola/proto/jobs';
export * as workers from '@isola/proto/workers';
export * from './blob-transfer.js';
export * from './enclosed-blobs.js';
