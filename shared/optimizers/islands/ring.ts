import type { Topology } from './topology.js';

/** Each island gets from the one before it: the slowest spread, the most diversity. */
export const ring: Topology = {
  name: 'ring',
  inNeighbours: (island, islands) => (islands === 1 ? [] : [(island + islands - 1) % islands]),
  admits: 'all',
};
