/**
 * How emigrants get from island to island. Who waits for what is the exchange's affair (in memory,
 * over a network, simulated); what arrives is not: it depends on topology and lag alone.
 */
import { checkCount } from '../algorithms/settings.js';
import type { FromIsland } from './cell.js';
import type { Topology } from './topology.js';

/** What of a job decides which emigrants reach which cell. */
export interface Routes {
  /** `inNeighbours[i]`: the islands whose emigrants reach island i, ascending. */
  readonly inNeighbours: readonly (readonly number[])[];
  /** A cell of epoch e gets what left at the end of epoch e - lag; 1 or more. */
  readonly lag: number;
}

/**
 * The routes of a topology, as data.
 * @throws InputError unless there is an island and a lag of 1 or more
 */
export function routesOf({ inNeighbours }: Topology, islands: number, lag: number): Routes {
  checkCount('islands', islands, 1);
  checkCount('lag', lag, 1);
  const all = Array.from({ length: islands }, (_, island) => inNeighbours(island, islands));
  return { inNeighbours: all, lag };
}

export interface Exchange<E> {
  /** What leaves `island` at the end of `epoch`. Publishing the same again is harmless. */
  publish(island: number, epoch: number, emigrants: readonly E[]): Promise<void>;
  /**
   * What the cell of `island` at `epoch` gets: of every in-neighbour what left at epoch - lag, by
   * ascending island; nothing where epoch < lag. Waits until all of it is there.
   */
  collect(island: number, epoch: number): Promise<readonly FromIsland<E>[]>;
}
