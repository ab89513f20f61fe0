/** Voxels that an objective looks at, as rows of the dose vector. */
export interface VoxelSet {
  /** Indices into the dose vector. */
  readonly rows: Uint32Array;
  /** How much of the structure each row stands for (sampled voxels); null: one each. */
  readonly weights: Float64Array | null;
  /** Sum of the weights, or the number of rows. */
  readonly total: number;
}

/**
 * A term of the cost as a function of dose; the derivative stops at dose. Doses are Gy per
 * fraction, as are the objective's own dose parameters. The caller applies penalties as `scale`.
 */
export interface Objective {
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
