import { type BlobId, contentId } from '../store/index.js';
import type { CellPlace, JobSpec } from './job-event.js';

/** A cell that can be computed, and the blobs that it is computed from. */
export interface CellTask extends CellPlace {
  readonly seed: number;
  /** The island after the epoch before; null at epoch 0. */
  readonly state: BlobId | null;
  /** By ascending island; empty at epochs below the lag. */
  readonly immigrants: readonly { readonly island: number; readonly emigrants: BlobId }[];
  /** Hash of all that decides the cell's result. */
  readonly input: string;
}

/** A task with the hash of its input. */
export function cellTask(spec: JobSpec, cell: Omit<CellTask, 'seed' | 'input'>): CellTask {
  const { jobHash, kernelVersion, seed } = spec;
  const { island, epoch, state, immigrants } = cell;
  const arrivals = immigrants.map((from) => [from.island, from.emigrants]);
  const all = [jobHash, kernelVersion, seed, island, epoch, state, arrivals];
  return { island, epoch, seed, state, immigrants, input: contentId(JSON.stringify(all)) };
}
