/** Clusters of the rows of a prepared dose. */
export interface RowClusters {
  /** The cluster of each row. */
  readonly clusterOf: Uint32Array;
  readonly clusters: number;
  /** The coarse cluster of each cluster, and what each counts in its mean. */
  readonly coarseOf: Uint32Array;
  readonly coarseClusters: number;
  readonly sizes: Float32Array;
}
