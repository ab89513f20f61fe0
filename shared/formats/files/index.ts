/** Files: bytes from disk or memory, with one clear InputError for whatever is wrong with them. */
export * from './file-source.js';
export * from './read-bytes.js';
export * from './read-raw.js';
export * from './voxel-limit.js';
