/** How a set of beams is found: islands, and what they are to beat. */
import { RandomStream } from '@isola/kernels/random';
import { bestMigrates, broadcastBest, routesOf, runArchipelago } from '@isola/optimizers/islands';
import { type BeamSet, Draws, evenSet, randomSet } from '@isola/planning/searches';
import type { SearchCase, Tally } from './search-case.js';

export interface Found {
  readonly best: BeamSet;
  readonly tally: Tally;
  readonly seconds: number;
}

export const MIGRATION = bestMigrates(broadcastBest);

/** A search from a seed on so many islands. */
export async function islands(
  of: SearchCase,
  seed: number,
  count: number,
  epochs: number,
): Promise<Found> {
  const tally = of.tally();
  const { best } = await runArchipelago(of.search.cells(count, MIGRATION), {
    ...routesOf(MIGRATION.topology, count, 1),
    ...{ seed, epochs, concurrency: count },
  });
  if (best === null) throw new Error('islands without a best');
  return { best: best.state.best, tally, seconds: tally.seconds() };
}

/** From gantry 0. */
export function equispaced(of: SearchCase, count: number): Promise<Found> {
  return bestOf(of, [evenSet(count, of.search.pool, 0)]);
}

export function random(of: SearchCase, count: number, sets: number, seed: number): Promise<Found> {
  const stream = new RandomStream(seed, 'random sets');
  const { pool } = of.search;
  return bestOf(
    of,
    Array.from({ length: sets }, (_, s) => randomSet(count, pool, new Draws(stream, 0, 0, s))),
  );
}

/** Group sparsity over all candidates. */
export async function fourPi(of: SearchCase): Promise<Found> {
  const tally = of.tally();
  const set = await of.search.bySparsity();
  const { best } = await bestOf(of, [set]);
  return { best, tally, seconds: tally.seconds() };
}

/** All of the sets optimised, as they would be in a search. */
async function bestOf(of: SearchCase, sets: readonly Uint16Array[]): Promise<Found> {
  const tally = of.tally();
  const judged = await Promise.all(
    sets.map(async (set) => (await of.search.judge(set, [], Infinity)).set as BeamSet),
  );
  const best = judged.reduce((a, b) => (b.value < a.value ? b : a));
  return { best, tally, seconds: tally.seconds() };
}
