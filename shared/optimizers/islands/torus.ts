import type { Topology } from './topology.js';

/**
 * Islands on a grid whose edges meet, as near to a square as their number allows; each gets from
 * the four around it. A prime number of islands makes a ring with two directions.
 */
export const torus: Topology = {
  name: 'torus',
  inNeighbours(island, islands) {
    const columns = islands / rowsOf(islands);
    const rowStart = island - (island % columns);
    const around = [
      (island + islands - columns) % islands,
      (island + columns) % islands,
      rowStart + ((island - rowStart + columns - 1) % columns),
      rowStart + ((island - rowStart + 1) % columns),
    ];
    return [...new Set(around)].filter((other) => other !== island).sort((a, b) => a - b);
  },
  admits: 'all',
};

/** The largest divisor that is no more than the square root. */
function rowsOf(islands: number): number {
  let rows = Math.floor(Math.sqrt(islands));
  while (islands % rows !== 0) rows--;
  return rows;
}
