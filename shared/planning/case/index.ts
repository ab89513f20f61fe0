/** Case: the patient or phantom; CT, structures, densities. */
export * from './case.js';
export * from './check-case.js';
export * from './derived-structures.js';
export * from './hu-table.js';
export * from './phantoms/catalogue.js';
export type { Phantom } from './phantoms/phantom.js';
export * from './structures.js';
export * from './voxel-sets.js';
