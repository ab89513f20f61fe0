/** Migration as a whole: who sends to whom, who leaves, who makes room. */
import type { Cell } from './cell.js';
import { bestLeave, type Emigration, type Place } from './emigration.js';
import { ranking, type Valued } from './ranking.js';
import { type Replacement, replaceWorstIfBetter } from './replacement.js';
import type { Topology } from './topology.js';

export interface Migration {
  readonly topology: Topology;
  readonly leave: Emigration;
  readonly enter: Replacement;
}

/** The best of each island leaves, and comes in where it is better than the worst. */
export function bestMigrates(topology: Topology): Migration {
  return { topology, leave: bestLeave(1), enter: replaceWorstIfBetter };
}

/** Those of a cell's immigrants that its topology admits, in the order of (island, rank). */
export function admitted<E extends Valued>(
  topology: Topology,
  { island, immigrants }: Pick<Cell<unknown, E>, 'island' | 'immigrants'>,
): E[] {
  if (topology.admits === 'all') return immigrants.flatMap(({ emigrants }) => emigrants);
  const all = immigrants.flatMap((from) =>
    from.emigrants.map((emigrant) => ({ from: from.island, emigrant, value: emigrant.value })),
  );
  return ranking(all)
    .slice(0, 1)
    .filter((best) => all[best].from !== island)
    .map((best) => all[best].emigrant);
}

/**
 * The residents after the immigrants came in, one after the other: new array, same length.
 * The best resident only makes room for a better one, so the best never worsens.
 */
export function immigrate<V extends Valued>(
  residents: readonly V[],
  immigrants: readonly V[],
  enter: Replacement,
  place: Place,
): V[] {
  const next = [...residents];
  if (next.length === 0) return next;
  for (let rank = 0; rank < immigrants.length; rank++) {
    const immigrant = immigrants[rank];
    const index = enter(next, immigrant, rank, place);
    const isKept =
      index < 0 || (index === ranking(next)[0] && immigrant.value >= next[index].value);
    if (!isKept) next[index] = immigrant;
  }
  return next;
}
