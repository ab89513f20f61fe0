/** Computes cells that come and go as bytes, as they are stored and sent. */
import { createHash } from 'node:crypto';
import {
  type Advance,
  type CellStatistics,
  fromBytes,
  type Stop,
  toBytes,
} from '@isola/optimizers/islands';

/** A cell as bytes. */
export interface LeasedCell {
  readonly seed: number;
  readonly island: number;
  readonly epoch: number;
  /** Plain data as bytes; null at epoch 0. */
  readonly state: Uint8Array | null;
  /** By ascending island; what left there, as bytes. */
  readonly immigrants: readonly { readonly island: number; readonly emigrants: Uint8Array }[];
}

/** The result of a cell as bytes, with their SHA-256. */
export interface CellOutput {
  readonly state: Uint8Array;
  readonly stateHash: string;
  readonly emigrants: Uint8Array;
  readonly emigrantsHash: string;
  readonly value: number;
  readonly evaluations: number;
}

/**
 * Computes a leased cell: bytes in, bytes out.
 * @throws InputError for bytes that are no data
 * @throws Error for a result whose cost is not finite, or that is no plain data
 */
export async function computeCell<S, E>(
  cell: LeasedCell,
  advance: Advance<S, E>,
  stop: Stop,
): Promise<CellOutput> {
  const { seed, island, epoch } = cell;
  const place = `island ${island}, epoch ${epoch}`;
  const state = cell.state && (fromBytes(cell.state, `state of ${place}`) as S);
  const immigrants = cell.immigrants.map((from) => ({
    island: from.island,
    emigrants: fromBytes(from.emigrants, `emigrants of island ${from.island} to ${place}`) as E[],
  }));
  const result = await advance({ seed, island, epoch, state, immigrants }, stop);
  const { value } = result.statistics;
  if (!Number.isFinite(value)) throw new NotFinite(`${place}: value ${value}`);
  return outputOf(toBytes(result.state), toBytes(result.emigrants), result.statistics);
}

/** A cost that is not a number, or infinite: nothing can be compared with it. */
export class NotFinite extends Error {
  override readonly name = 'NotFinite';
}

/** A result with the hashes of its bytes. */
export function outputOf(
  state: Uint8Array,
  emigrants: Uint8Array,
  { value, evaluations }: CellStatistics,
): CellOutput {
  return {
    ...{ state, stateHash: blobId(state), emigrants, emigrantsHash: blobId(emigrants) },
    ...{ value, evaluations },
  };
}

/** Names a blob: the SHA-256 of its bytes. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
