import type { VoxelSet } from '../objectives/index.js';
import type { Terms } from './terms.js';

/**
 * The terms of a cost for one of `count` shards. Lines of the dose grid along x are dealt to the
 * shards in turn: each gets as much of every beam and structure, and keeps its lines whole.
 */
export function shardTerms({ voxels, terms }: Terms, shard: number, count: number): Terms {
  const { grid } = voxels;
  const lineOf = (voxel: number) => Math.floor(voxel / grid.size[0]);
  const rowOf = new Int32Array(voxels.voxels.length).fill(-1);
  let rows = 0;
  const own = voxels.voxels.filter((voxel, row) => {
    const isOwn = lineOf(voxel) % count === shard;
    if (isOwn) rowOf[row] = rows++;
    return isOwn;
  });
  return {
    voxels: { grid, voxels: own },
    terms: terms.map((term) => ({ ...term, voxels: ownRows(term.voxels, rowOf) })),
  };
}

function ownRows({ rows, weights, total }: VoxelSet, rowOf: Int32Array): VoxelSet {
  const isOwn = (_: number, i: number) => rowOf[rows[i]] >= 0;
  return {
    rows: rows.filter(isOwn).map((row) => rowOf[row]),
    weights: weights?.filter(isOwn) ?? null,
    total,
  };
}
