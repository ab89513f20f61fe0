import type { workers } from '@isola/cluster/wire';
import type { LeasedCell } from '../cells/index.js';

/** The coordinator does not have a blob either. */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
  constructor(readonly id: string) {
    super(`blob ${id} is lost`);
  }
}

/**
 * What a leased cell is computed from, with its blobs.
 * @throws what `pull` rejects with
 */
export async function inputsOf(
  { seed, state, immigrants }: workers.Lease,
  { island, epoch }: workers.Cell,
  pull: (id: string) => Promise<Uint8Array>,
): Promise<LeasedCell> {
  const [stateBytes, ...arrived] = await Promise.all([
    state === '' ? null : pull(state),
    ...immigrants.map(async (from) => ({
      island: from.island,
      emigrants: await pull(from.emigrants),
    })),
  ]);
  return { seed, island, epoch, state: stateBytes, immigrants: arrived };
}
