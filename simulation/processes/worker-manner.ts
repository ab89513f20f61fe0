import type { FailureCause } from '@isola/coordinator/jobs';

/** How a worker behaves. */
export interface WorkerManner {
  readonly kernelVersion: string;
  readonly slots: number;
  /** A cell takes a time from the first to the second, of the worker's clock. */
  readonly cellMs: readonly [number, number];
  /** Blobs that it remembers. */
  readonly cachedBlobs: number;
  /** Whether the blobs of a result come with its message. */
  readonly encloses: boolean;
  /** Part of the results that it tells wrongly by one ulp. */
  readonly lies: number;
}

/** What a cell does to the process that computes it. */
export type Poison = 'kills' | FailureCause;

/** What only the simulation knows of cells, and is told of them. */
export interface CellFates {
  /** Of the cell of a job hash; null: it is an ordinary cell. */
  poisonOf(jobHash: string, island: number, epoch: number): Poison | null;
  /** A result that is not the right one was told. */
  lied(stateId: string, value: number): void;
}
