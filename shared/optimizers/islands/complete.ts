import type { Topology } from './topology.js';

/** Each island gets from all others. */
export const complete: Topology = {
  name: 'complete',
  inNeighbours: (island, islands) =>
    Array.from({ length: islands }, (_, other) => other).filter((other) => other !== island),
  admits: 'all',
};
