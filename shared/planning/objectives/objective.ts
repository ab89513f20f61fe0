/** Voxels that an objective looks at, as rows of the dose vector. */
export interface VoxelSet {
  /** Indices into the dose vector. */
  readonly rows: Uint32Array;
  /** How much of the structure each row stands for (sampled voxels); null: one each. */
  readonly weights: Float64Array | null;
  /** Sum of the weights, or the number of rows, of the whole structure. */
  readonly total: number;
}

/**
 * A term of the cost as a function of dose; the derivative stops at dose. Doses are Gy per
 * fraction, as are the objective's own dose parameters. The caller applies penalties as `scale`.
 */
export interface Objective extends ShardedObjective {
  readonly type: string;
  /** f(dose). */
  value(dose: Float32Array, voxels: VoxelSet): number;
  /** f(dose); adds scale * df/ddose to `gradient` (same length as dose). */
  valueAndGradient(
    dose: Float32Array,
    voxels: VoxelSet,
    scale: number,
    gradient: Float32Array,
  ): number;
}

/**
 * The same function where a structure's voxels are divided into shards and no one has all doses.
 * In each round every shard tells some numbers of its own doses, given what all told in the rounds
 * before. Then the value is known, and each shard can add its part of the gradient. A shard's
 * `voxels` are its own rows, with the `total` of the whole structure.
 */
export interface ShardedObjective {
  /** How many numbers are told in each round; 1 round or more. */
  readonly told: readonly number[];
  /** @param heard of each earlier round: what all shards told, merged */
  tell(heard: readonly Float64Array[], dose: Float32Array, voxels: VoxelSet): Float64Array;
  /** What two parts of a structure told in a round, as one. */
  merge(round: number, one: Float64Array, other: Float64Array): Float64Array;
  /** f(dose), from all rounds. */
  valueOf(heard: readonly Float64Array[], total: number): number;
  /** No voxel's |df/ddose| is above this times its weight. */
  slopeLimit(heard: readonly Float64Array[], total: number): number;
  /** Adds scale * df/ddose of the shard's own doses to `gradient`. */
  addGradient(
    heard: readonly Float64Array[],
    dose: Float32Array,
    voxels: VoxelSet,
    scale: number,
    gradient: Float32Array,
  ): void;
}

/** Merges numbers that are sums. */
export function sumsMerged(one: Float64Array, other: Float64Array): Float64Array {
  return one.map((value, i) => value + other[i]);
}
