/** Files: bytes from disk, with one clear InputError for whatever is wrong with them. */
export * from './read-bytes.js';
export * from './read-raw.js';
export * from './voxel-limit.js';
