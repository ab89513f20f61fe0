/** What a coordinator and its workers tell each other, without the wire. */
import type { CellTask, FailureCause, JobId } from '../jobs/index.js';
import type { BlobId } from '../store/index.js';
import type { Lease } from './lease.js';

/** A cell, named. */
export interface CellName {
  readonly job: JobId;
  readonly island: number;
  readonly epoch: number;
  /** That of the cell's task. */
  readonly input: string;
}

export type Order =
  | {
      readonly type: 'lease';
      readonly lease: Lease;
      readonly subject: BlobId;
      readonly isFinish: boolean;
    }
  /** Nobody needs this cell any more. */
  | { readonly type: 'revoke'; readonly cell: CellName }
  /** End it soon, with what it has. */
  | { readonly type: 'cut-short'; readonly cell: CellName }
  /** Its result is kept, or was known. */
  | { readonly type: 'settled'; readonly cell: CellName };

/** The way to a worker. */
export interface WorkerLink {
  send(order: Order): void;
  /** The worker is taken for lost: it may dial again. */
  close(): void;
}

export interface WorkerHello {
  readonly name: string;
  readonly kernelVersion: string;
  readonly slots: number;
  /** What it was working on before it lost its coordinator. */
  readonly running: readonly CellName[];
  /** It takes no more cells. */
  readonly isDraining?: boolean;
  /** Names the process. */
  readonly instance?: string;
}

/** How far a worker has come with a cell. */
export interface CellProgress {
  readonly cell: CellName;
  readonly phase: string;
  /** From 0 to 1. */
  readonly part: number;
  readonly detail: string;
}

/** A computed cell; its blobs are in the store already. */
export interface CellReport {
  readonly cell: CellName;
  readonly state: BlobId;
  readonly emigrants: BlobId;
  readonly value: number;
  readonly evaluations: number;
  readonly kernelVersion: string;
}

export interface CellFailure {
  readonly cell: CellName;
  readonly cause: FailureCause;
  /** With 'blob-lost': which. */
  readonly blob: BlobId | null;
}

export function nameOf(job: JobId, { island, epoch, input }: CellTask): CellName {
  return { job, island, epoch, input };
}
