/** A pool small enough to know the best set: 4 of 12 beams, all 495 sets optimised. */
import { routesOf, runArchipelago } from '@isola/optimizers/islands';
import {
  angleIslands,
  type BeamSet,
  DEFAULT_ANGLE_SETTINGS,
  type Judgement,
} from '@isola/planning/searches';
import type { Figures } from '../measurement/bench.js';
import { MIGRATION } from './methods.js';
import type { SearchCase } from './search-case.js';

const COUNT = 4;
const SEEDS = 10;
/** One island of 4 sets and 16 new ones an epoch: 116 of 495 sets. */
const EPOCHS = 7;

/** How often the islands find the best set of all, and how many sets they look at. */
export async function smallPool(of: SearchCase): Promise<Figures> {
  const { pool, judge } = of.search;
  const sets = subsets(pool.all, COUNT);
  const judged = await Promise.all(sets.map((set) => judge(set, [], Infinity)));
  const known = new Map(judged.map((judgement, s) => [String(sets[s]), judgement]));
  const least = Math.min(...judged.map(({ set }) => (set as BeamSet).value));
  let found = 0;
  let most = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const looked = new Set<string>();
    const advance = angleIslands({
      ...{ settings: DEFAULT_ANGLE_SETTINGS, count: COUNT, islands: 1, pool, migration: MIGRATION },
      seeds: async () => [],
      judge: async (beams, _known, threshold) => {
        looked.add(String(beams));
        const { set, coarseValue } = known.get(String(beams)) as Judgement;
        return { set: set !== null && set.value <= threshold ? set : null, coarseValue };
      },
    });
    const { best } = await runArchipelago(advance, {
      ...routesOf(MIGRATION.topology, 1, 1),
      ...{ seed, epochs: EPOCHS, concurrency: 1 },
    });
    if (best?.value === least) found++;
    most = Math.max(most, looked.size);
  }
  return {
    ...{ candidates: pool.all.length, beams: COUNT, sets: sets.length, objective: least },
    ...{ seeds: SEEDS, foundTheBest: found, mostSetsLookedAt: most },
    mostPercentOfAll: (100 * most) / sets.length,
  };
}

function subsets(all: readonly number[], count: number): Uint16Array[] {
  const grow = (chosen: readonly number[]): (readonly number[])[] =>
    chosen.length === count
      ? [chosen]
      : all.filter((c) => c > (chosen.at(-1) ?? -1)).flatMap((c) => grow([...chosen, c]));
  return grow([]).map((set) => Uint16Array.from(set));
}
