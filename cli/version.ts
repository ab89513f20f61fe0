import { createRequire } from 'node:module';

/** The version of all workspaces. */
export const version = (createRequire(import.meta.url)('../package.json') as { version: string })
  .version;

/** Names the code that computes cells, and its kind of arithmetic: one job never mixes two. */
export const kernelVersion = `${version} wasm-simd`;
