import { createHash } from 'node:crypto';
import { type Advance, fromBytes, toBytes } from '@isola/optimizers/islands';
import { describe, expect, it } from 'vitest';
import { computeCell, type LeasedCell } from './compute-cell.js';

interface Sum {
  readonly total: Float64Array;
}

/** Adds up what arrives. */
const adding: Advance<Sum, number> = async ({ seed, island, epoch, state, immigrants }) => {
  const total = Float64Array.from(state?.total ?? [seed]);
  for (const from of immigrants) for (const each of from.emigrants) total[0] += each * from.island;
  return {
    state: { total },
    emigrants: [total[0], island, epoch],
    statistics: { value: total[0], evaluations: 2 },
  };
};

const go = { aborted: false };
const lease: LeasedCell = {
  ...{ seed: 5, island: 1, epoch: 2, state: toBytes({ total: new Float64Array([7]) }) },
  immigrants: [
    { island: 2, emigrants: toBytes([10, 20]) },
    { island: 3, emigrants: toBytes([100]) },
  ],
};

describe('computeCell', () => {
  it('gives the bytes of what the cell comes to, with their hashes', async () => {
    const output = await computeCell(lease, adding, go);
    expect(output).toMatchObject({ value: 367, evaluations: 2 });
    expect(fromBytes(output.state, 'x')).toEqual({ total: new Float64Array([367]) });
    expect(fromBytes(output.emigrants, 'x')).toEqual([367, 1, 2]);
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(output.stateHash).toBe(sha256(output.state));
    expect(output.emigrantsHash).toBe(sha256(output.emigrants));
  });

  it('gives the same bytes again, and leaves those it was given', async () => {
    const before = structuredClone(lease);
    expect(await computeCell(lease, adding, go)).toEqual(await computeCell(lease, adding, go));
    expect(lease).toEqual(before);
  });

  it('begins without a state', async () => {
    const output = await computeCell({ ...lease, state: null, immigrants: [] }, adding, go);
    expect(fromBytes(output.state, 'x')).toEqual({ total: new Float64Array([5]) });
  });

  it('refuses damaged bytes and says whose they are', async () => {
    const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1);
    const state = cut(lease.state as Uint8Array);
    await expect(computeCell({ ...lease, state }, adding, go)).rejects.toThrow(
      'state of island 1, epoch 2: has',
    );
    const immigrants = [{ island: 2, emigrants: cut(lease.immigrants[0].emigrants) }];
    await expect(computeCell({ ...lease, immigrants }, adding, go)).rejects.toThrow(
      'emigrants of island 2 to island 1, epoch 2: has',
    );
  });

  it('refuses a cost that is not finite, and a state that is no plain data', async () => {
    const changing =
      (change: object): Advance<Sum, number> =>
      async (cell, stop) => ({ ...(await adding(cell, stop)), ...change });
    const nan = changing({ statistics: { value: Number.NaN, evaluations: 1 } });
    await expect(computeCell(lease, nan, go)).rejects.toThrow('island 1, epoch 2: value NaN');
    const odd = changing({ state: { total: new Map() } });
    await expect(computeCell(lease, odd, go)).rejects.toThrow('Map is no plain data');
  });
});
