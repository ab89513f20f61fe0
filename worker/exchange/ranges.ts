import type { ShardRange } from '@isola/planning/problem';
import type { Peer } from './messages.js';

/**
 * Who answers for which shards: under the same lead the same peers always get the same ones, so
 * what they have built is of use again; under another one nobody does, so a lie is not repeated
 * where a cell is computed by two leads. Of more peers than shards some get none.
 */
export function rangesOf(
  lead: Peer,
  helpers: readonly Peer[],
  count: number,
): Map<Peer, ShardRange> {
  const sorted = [lead, ...helpers].sort();
  const first = sorted.indexOf(lead);
  const some = [...sorted.slice(first), ...sorted.slice(0, first)].slice(0, count);
  const cut = (i: number) => Math.floor((i * count) / some.length);
  return new Map(some.map((peer, i) => [peer, { from: cut(i), to: cut(i + 1) }]));
}
