/** Problem: fluence optimisation as a problem that optimisers see; terms and sampled voxels. */
export * from './fluence-problem.js';
export * from './terms.js';
export * from './voxel-sampling.js';
