/** Problem: fluence optimisation as a problem that optimisers see; terms and sampled voxels. */

export * from './active-curvature.js';
export * from './fluence-moves.js';
export * from './fluence-prices.js';
export * from './fluence-problem.js';
export * from './fluence-shard.js';
export * from './shard-terms.js';
export * from './shard-tree.js';
export * from './sharded-problem.js';
export * from './term.js';
export * from './terms.js';
export * from './thread-problem.js';
export * from './told-numbers.js';
export * from './typical-curvature.js';
export * from './voxel-clusters.js';
export * from './voxel-sampling.js';
