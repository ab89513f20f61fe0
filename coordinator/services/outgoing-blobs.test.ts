import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.js';
import { OutgoingBlobs } from './outgoing-blobs.js';

const SIZES: Readonly<Record<string, number>> = { small: 10, middle: 30, large: 60, larger: 75 };

const isGone = () => false;

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
  const send = async ({ length }: Uint8Array) => {
    begin(length);
    await ended;
  };
  const done = blobs.with(id, tenant, send, isGone);
  return { end, done, begun: Promise.race([begun, done]) };
}

describe('a blob on its way out', () => {
  it('is read once for all who fetch it at a time, and again later', async () => {
    const { blobs, reads } = outgoing();
    const all = ['a', 'b', null, null].map((tenant) => fetching(blobs, 'large', tenant));
    expect(await Promise.all(all.map(({ begun }) => begun))).toEqual([60, 60, 60, 60]);
    expect(reads).toEqual(['large']);
    for (const { end } of all) end();
    await Promise.all(all.map(({ done }) => done));
    await blobs.with('large', 'a', async () => {}, isGone);
    expect(reads).toEqual(['large', 'large']);
  });

  it('is refused where its tenant has too many, or all have, until others are gone', async () => {
    const { blobs } = outgoing();
    const exhausted = { code: 'RESOURCE_EXHAUSTED' };
    const first = fetching(blobs, 'large', 'a');
    expect(await first.begun).toBe(60);
    const refused = (id: string, tenant: string) =>
      expect(blobs.with(id, tenant, async () => {}, isGone)).rejects.toMatchObject(exhausted);
    await refused('middle', 'a');
    const small = fetching(blobs, 'small', 'a');
    expect(await small.begun).toBe(10);
    await refused('larger', 'b');
    expect(await fetching(blobs, 'middle', 'b').begun).toBe(30);
    // Workers fetch what they need.
    await blobs.with('larger', null, async () => {}, isGone);
    first.end();
    await first.done;
    expect(await fetching(blobs, 'middle', 'a').begun).toBe(30);
  });

  it('is not read for who is gone before its turn', async () => {
    const { blobs, reads } = outgoing();
    await Promise.all(
      ['large', 'larger'].map((id) =>
        blobs.with(
          id,
          'a',
          async () => {},
          () => id === 'larger',
        ),
      ),
    );
    expect(reads).toEqual(['large']);
  });

  it('that cannot be read, or sent, keeps nobody else from theirs', async () => {
    const broken = new OutgoingBlobs(async (id) => {
      if (id === 'lost') throw new Error('it is lost');
      return new Uint8Array(SIZES[id]);
    }, new InFlight(120, 80));
    await expect(broken.with('lost', 'a', async () => {}, isGone)).rejects.toThrow('it is lost');
    const untaken = async () => {
      throw new Error('nobody takes it');
    };
    await expect(broken.with('large', 'a', untaken, isGone)).rejects.toThrow('nobody takes it');
    expect(await fetching(broken, 'large', 'a').begun).toBe(60);
  });
});
