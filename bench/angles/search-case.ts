/** A case's search, ready to judge sets: its candidates' dose influence is computed first. */
import type { Executor } from '@isola/kernels/backends';
import type { BeamAngles } from '@isola/planning/beams';
import { viewCondensed } from '@isola/planning/dose';
import {
  type AngleSearch,
  angleSearch,
  type BeamCache,
  DEFAULT_ANGLE_SETTINGS,
  type FluenceSpec,
} from '@isola/planning/searches';

/** What judging sets took. */
export class Tally {
  optimised = 0;
  screened = 0;
  evaluations = 0;
  coarseEvaluations = 0;
  /** That the optimisations have read of dose influence. */
  bytes = 0;
  private readonly startMs = performance.now();

  seconds(): number {
    return (performance.now() - this.startMs) / 1000;
  }
}

export interface SearchCase {
  readonly search: AngleSearch;
  /** Of the dose influence of all candidates; 0 where the cache had it. */
  readonly influenceSeconds: number;
  /** Counts from now on. */
  tally(): Tally;
}

/** Beams of a case in memory: the number of beams in a set does not change them. */
export function memoryCache(): BeamCache {
  const beams = new Map<string, Uint8Array>();
  return {
    get: async (key) => beams.get(key) ?? null,
    put: async (key, bytes) => {
      beams.set(key, bytes);
    },
  };
}

export async function searchCase(
  fluence: FluenceSpec,
  candidates: readonly BeamAngles[],
  count: number,
  executor: Executor,
  cache: BeamCache,
): Promise<SearchCase> {
  let tally = new Tally();
  let sizes: { fine: number; coarse: number }[] = [];
  const spec = { fluence, candidates, count, settings: DEFAULT_ANGLE_SETTINGS };
  const search = angleSearch(spec, {
    ...{ executor, cache, memoryBytes: 4e9 },
    keyOf: ({ gantryDeg }) => String(gantryDeg),
    onJudged: ({ beams, evaluations, coarseEvaluations, isRejected }) => {
      if (isRejected) tally.screened++;
      else tally.optimised++;
      tally.evaluations += evaluations;
      tally.coarseEvaluations += coarseEvaluations;
      // A cost and its gradient read the dose influence twice.
      for (const beam of beams) {
        const { fine, coarse } = sizes[beam];
        tally.bytes += 2 * (evaluations * fine + coarseEvaluations * coarse);
      }
    },
  });
  const start = performance.now();
  const beams = await search.beams.condensed(search.pool.all);
  const influenceSeconds = (performance.now() - start) / 1000;
  sizes = beams.map((beam) => {
    const { fine, coarse } = viewCondensed(beam);
    return { fine: fine.tiles.byteLength, coarse: coarse.tiles.byteLength };
  });
  return {
    ...{ search, influenceSeconds },
    tally: () => {
      tally = new Tally();
      return tally;
    },
  };
}
