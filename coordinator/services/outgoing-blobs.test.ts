import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.js';
import { OutgoingBlobs } from './outgoing-blobs.js';

const SIZES: Readonly<Record<string, number>> = { small: 10, large: 60, larger: 100 };

/** Blobs of which a tenant may fetch 80 bytes at a time, all tenants 120; and which were read. */
function outgoing() {
  const reads: string[] = [];
  const read = async (id: string) => {
    reads.push(id);
    return new Uint8Array(SIZES[id]);
  };
  return { reads, blobs: new OutgoingBlobs(read, new InFlight(120, 80)) };
}

/** One that is fetched until `end` is called. */
function fetching(blobs: OutgoingBlobs, id: string, tenant: string | null) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begin = (_length: number) => {};
  const begun = new Promise<number>((resolve) => {
    begin = resolve;
  });
  const done = blobs.with(id, tenant, async ({ length }) => {
    begin(length);
    await ended;
  });
  return { end, done, begun: Promise.race([begun, done]) };
}

describe('a blob on its way out', () => {
  it('is read once for all who fetch it at a time, and again later', async () => {
    const { blobs, reads } = outgoing();
    const all = ['a', 'a', 'b', null].map((tenant) => fetching(blobs, 'large', tenant));
    expect(await Promise.all(all.map(({ begun }) => begun))).toEqual([60, 60, 60, 60]);
    expect(reads).toEqual(['large']);
    for (const { end } of all) end();
    await Promise.all(all.map(({ done }) => done));
    await blobs.with('large', 'a', async () => {});
    expect(reads).toEqual(['large', 'large']);
  });

  it('is refused where its tenant has too many, or all have, until others are gone', async () => {
    const { blobs } = outgoing();
    const exhausted = { code: 'RESOURCE_EXHAUSTED' };
    const first = fetching(blobs, 'large', 'a');
    expect(await first.begun).toBe(60);
    await expect(blobs.with('larger', 'a', async () => {})).rejects.toMatchObject(exhausted);
    expect(await fetching(blobs, 'small', 'a').begun).toBe(10);
    await expect(blobs.with('larger', 'b', async () => {})).rejects.toMatchObject(exhausted);
    // Workers fetch what they need.
    await blobs.with('larger', null, async () => {});
    first.end();
    await first.done;
    const again = fetching(blobs, 'large', 'b');
    expect(await again.begun).toBe(60);
  });
});
