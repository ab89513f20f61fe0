import type { Topology } from './topology.js';

/**
 * The best of all islands goes to all of them: step (4) of Wang, Huang, Bao (2009), "Uniform-
 * structure-based parallel hybrid optimization strategy in radiotherapy planning", Journal of
 * Software 20(5). An island counts among its own neighbours: the one that holds the best gets none.
 */
export const broadcastBest: Topology = {
  name: 'broadcast-best',
  inNeighbours: (_island, islands) => Array.from({ length: islands }, (_, other) => other),
  admits: 'best',
};
