import type { ShardRange } from '@isola/planning/problem';
import type { Peer } from './messages.js';

/**
 * Who answers for which shards: the same peers always get the same ones, whoever leads, so what
 * they have built is of use again. Of more peers than shards some get none.
 */
export function rangesOf(peers: readonly Peer[], count: number): Map<Peer, ShardRange> {
  const some = [...peers].sort().slice(0, count);
  const cut = (i: number) => Math.floor((i * count) / some.length);
  return new Map(some.map((peer, i) => [peer, { from: cut(i), to: cut(i + 1) }]));
}
