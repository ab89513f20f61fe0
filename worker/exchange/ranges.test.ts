/** Laws of who answers for which shards. */
import { describe, expect, it } from 'vitest';
import { rangesOf } from './ranges.js';

const PEERS = ['d', 'a', 'c', 'e', 'b'];
const without = (lead: string) => PEERS.filter((peer) => peer !== lead);

describe('shards', () => {
  it.each([1, 2, 4, 16, 64])(
    'of %i are all given, each once, in whatever order peers come',
    (count) => {
      for (const lead of PEERS) {
        const ranges = rangesOf(lead, without(lead), count);
        const shards = [...ranges.values()].flatMap(({ from, to }) =>
          Array.from({ length: to - from }, (_, i) => from + i),
        );
        expect(shards).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(ranges.get(lead)?.from).toBe(0);
        expect(rangesOf(lead, without(lead).reverse(), count)).toEqual(ranges);
        expect(Math.min(...[...ranges.values()].map(({ from, to }) => to - from))).toBeGreaterThan(
          0,
        );
      }
    },
  );

  it('are never the same for any peer under another lead', () => {
    const [one, other] = ['a', 'c'].map((lead) => rangesOf(lead, without(lead), 16));
    for (const peer of PEERS) expect(one.get(peer)).not.toEqual(other.get(peer));
  });
});
