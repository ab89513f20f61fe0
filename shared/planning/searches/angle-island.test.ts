/** Laws of the islands of a beam-angle search, on costs that are known for every set. */
import { RandomStream } from '@isola/kernels/random';
import {
  bestMigrates,
  broadcastBest,
  type Cell,
  type CellResult,
  fromBytes,
  type Migration,
  ring,
  routesOf,
  runArchipelago,
  toBytes,
} from '@isola/optimizers/islands';
import { describe, expect, it } from 'vitest';
import { type AngleIslandState, angleIslands, type JudgeSet } from './angle-island.js';
import { type BeamSet, DEFAULT_ANGLE_SETTINGS } from './angle-search-spec.js';
import { CandidatePool } from './beam-set-variation.js';

const NEVER = { aborted: false };
const coplanar = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...{ gantryDeg: (360 / count) * i, couchDeg: 0, collimatorDeg: 0 },
  }));

/** A cost above 0: beams have a worth each, and it is bad to stand close. */
function landscape(pool: CandidatePool, key: number) {
  const random = new RandomStream(key, 'landscape');
  const costs = pool.all.map((c) => random.uniform(0, 0, c, 0));
  return (beams: ArrayLike<number>) => {
    let cost = 1;
    for (let i = 0; i < beams.length; i++) {
      cost += costs[beams[i]];
      for (let j = 0; j < i; j++) cost += Math.exp(4 * (pool.closeness(beams[i], beams[j]) - 1));
    }
    return cost;
  };
}

/** What a search asked for, and what it was told. */
class Watched {
  readonly asked: { beams: Uint16Array; threshold: number; known: readonly BeamSet[] }[] = [];

  constructor(private readonly cost: (beams: Uint16Array) => number) {}

  readonly judge: JudgeSet = async (beams, known, threshold) => {
    this.asked.push({ beams, threshold, known });
    const value = this.cost(beams);
    const set = value > threshold ? null : { beams, weights: Float32Array.of(value), value };
    return { set, coarseValue: value };
  };
}

interface Setting {
  readonly candidates?: number;
  readonly count?: number;
  readonly islands?: number;
  readonly migration?: Migration;
  readonly seeds?: readonly Uint16Array[];
}

const MIGRATION = bestMigrates(broadcastBest);

function searchOn(key: number, setting: Setting = {}) {
  const { candidates = 36, count = 5, islands = 3, migration = MIGRATION, seeds = [] } = setting;
  const pool = new CandidatePool(coplanar(candidates));
  const cost = landscape(pool, key);
  const watched = new Watched(cost);
  const advance = angleIslands({
    ...{ settings: DEFAULT_ANGLE_SETTINGS, count, islands, pool, migration },
    ...{ judge: watched.judge, seeds: async () => seeds },
  });
  const run = (seed: number, epochs: number) =>
    runArchipelago(advance, {
      ...routesOf(migration.topology, islands, 1),
      ...{ seed, epochs, concurrency: 1 },
    });
  const { asked, judge } = watched;
  return { pool, cost, advance, run, asked, judge, count };
}

type AngleCell = Cell<AngleIslandState, BeamSet>;
const beginning: AngleCell = { seed: 3, island: 0, epoch: 0, state: null, immigrants: [] };

async function advanced(search: ReturnType<typeof searchOn>, epochs: number, seed = 3) {
  const results: CellResult<AngleIslandState, BeamSet>[] = [];
  let state: AngleIslandState | null = null;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const result = await search.advance({ ...beginning, seed, epoch, state }, NEVER);
    results.push(result);
    state = result.state;
  }
  return results;
}

describe('an island of a beam-angle search', () => {
  it('asks only for sets of so many different candidates, each one once', async () => {
    for (const candidates of [7, 12, 36]) {
      const search = searchOn(candidates, { candidates });
      const results = await advanced(search, 12);
      const asked = search.asked.map(({ beams }) => String(beams));
      expect(new Set(asked).size).toBe(asked.length);
      for (const { beams } of search.asked) {
        expect(beams).toHaveLength(search.count);
        expect(beams.every((beam, k) => k === 0 || beam > beams[k - 1])).toBe(true);
        expect(beams.every((beam) => beam < candidates)).toBe(true);
      }
      expect(results.at(-1)?.state.judged.map(({ beams }) => String(beams))).toEqual(asked);
    }
  });

  it('has a best that never worsens and is the least of all it was told', async () => {
    const search = searchOn(1);
    const results = await advanced(search, 15);
    results.forEach(({ state, statistics, emigrants }, epoch) => {
      expect(statistics.value).toBe(state.best.value);
      expect(emigrants).toEqual([state.best]);
      if (epoch > 0)
        expect(state.best.value).toBeLessThanOrEqual(results[epoch - 1].statistics.value);
    });
    const last = results[14].state;
    const told = search.asked.filter(({ beams, threshold }) => search.cost(beams) <= threshold);
    expect(last.best.value).toBe(Math.min(...told.map(({ beams }) => search.cost(beams))));
    expect(last.optimised).toBe(told.length);
    const evaluations = results.map(({ statistics }) => statistics.evaluations);
    expect(evaluations.reduce((a, b) => a + b)).toBe(search.asked.length);
  });

  it('tells what a set is made of: sets that were judged before', async () => {
    const search = searchOn(2);
    await advanced(search, 6);
    const first = search.asked.findIndex(({ threshold }) => threshold < Infinity);
    expect(first).toBe(DEFAULT_ANGLE_SETTINGS.population);
    search.asked.slice(1).forEach(({ known }, i) => {
      const before = search.asked.slice(0, i + 1).map(({ beams }) => String(beams));
      expect(known.length).toBeGreaterThan(0);
      for (const { beams, value } of known) {
        expect(before).toContain(String(beams));
        expect(value).toBe(search.cost(beams));
      }
    });
  });

  it('accepts what is worse less often as it cools, and not at all at temperature 0', async () => {
    const search = searchOn(4);
    await advanced(search, 30);
    const excess = search.asked
      .filter(({ threshold }) => threshold < Infinity)
      .map(({ threshold, known }) => threshold / known[0].value - 1);
    expect(excess.every((part) => part >= 0)).toBe(true);
    const mean = (parts: readonly number[]) => parts.reduce((a, b) => a + b) / parts.length;
    const early = mean(excess.slice(0, 100));
    // Of the exponential distribution of thresholds.
    expect(early).toBeGreaterThan(0.3 * DEFAULT_ANGLE_SETTINGS.temperature);
    expect(mean(excess.slice(-100))).toBeLessThan(0.05 * early);
    const { pool, judge } = searchOn(4);
    const cold: Parameters<typeof judge>[2][] = [];
    const advance = angleIslands({
      settings: { ...DEFAULT_ANGLE_SETTINGS, temperature: 0 },
      ...{ count: 5, islands: 1, pool, migration: MIGRATION, seeds: async () => [] },
      judge: (beams, known, threshold) => {
        if (threshold < Infinity) cold.push(threshold - known[0].value);
        return judge(beams, known, threshold);
      },
    });
    await advance(beginning, NEVER);
    expect(new Set(cold)).toEqual(new Set([0]));
  });

  it('goes on identically from a state that was saved, and leaves its cell unchanged', async () => {
    const results = await advanced(searchOn(5), 8);
    const search = searchOn(5);
    for (let epoch = 1; epoch < 8; epoch++) {
      const saved = toBytes(results[epoch - 1].state);
      const state = fromBytes(saved, 'a state') as AngleIslandState;
      const again = await search.advance({ ...beginning, epoch, state }, NEVER);
      expect(toBytes(again)).toEqual(toBytes(results[epoch]));
      expect(toBytes(state)).toEqual(saved);
    }
  });

  it('depends on seed, island and epoch', async () => {
    const asked = async (cell: Partial<AngleCell>) => {
      const search = searchOn(6);
      await search.advance({ ...beginning, ...cell }, NEVER);
      return search.asked.map(({ beams }) => String(beams)).join(' ');
    };
    const all = [await asked({}), await asked({ seed: 4 }), await asked({ island: 1 })];
    expect(new Set(all).size).toBe(3);
    expect(await asked({})).toBe(all[0]);
  });

  it('begins with the sets it is given, dealt out over the islands', async () => {
    const seeds = [0, 1, 2, 3].map((k) => Uint16Array.of(k, k + 4, k + 8, k + 12, k + 16));
    for (const island of [0, 1, 2]) {
      const search = searchOn(7, { seeds });
      await search.advance({ ...beginning, island }, NEVER);
      const given = seeds.filter((_, k) => k % 3 === island);
      const first = search.asked.slice(0, given.length).map(({ beams }) => beams);
      expect(first).toEqual(given);
    }
  });

  it('takes in an immigrant that is better, and does not judge it again', async () => {
    const search = searchOn(8);
    const [{ state }] = await advanced(search, 1);
    const better = {
      beams: Uint16Array.of(0, 1, 2, 3, 4),
      weights: new Float32Array(1),
      value: 0.5,
    };
    const immigrants = [{ island: 1, emigrants: [better] }];
    const before = search.asked.length;
    const next = await search.advance({ ...beginning, epoch: 1, state, immigrants }, NEVER);
    expect(next.state.best).toBe(better);
    expect(next.state.population).toContain(better);
    const asked = search.asked.slice(before).map(({ beams }) => String(beams));
    expect(asked).not.toContain(String(better.beams));
  });

  it('says so when nobody wants its cell any more', async () => {
    const stopped = searchOn(9).advance(beginning, { aborted: true });
    await expect(stopped).rejects.toThrow('nobody wants');
  });
});

describe('islands that exchange their best', () => {
  it.each([ring, broadcastBest])(
    'come to the same at any concurrency ($name)',
    async (topology) => {
      const search = searchOn(10, { islands: 4, migration: { ...MIGRATION, topology } });
      const one = await search.run(1, 6);
      for (const concurrency of [2, 4]) {
        const again = await runArchipelago(search.advance, {
          ...routesOf(topology, 4, 1),
          ...{ seed: 1, epochs: 6, concurrency },
        });
        expect(toBytes(again)).toEqual(toBytes(one));
      }
    },
  );

  it('find the best of 12 choose 4, of ten seeds in nine, with a quarter of all sets', async () => {
    let found = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const search = searchOn(100 + seed, { candidates: 12, count: 4, islands: 2 });
      const all: number[] = [];
      for (let a = 0; a < 12; a++)
        for (let b = 0; b < a; b++)
          for (let c = 0; c < b; c++)
            for (let d = 0; d < c; d++) all.push(search.cost([d, c, b, a]));
      expect(all).toHaveLength(495);
      const { best } = await search.run(seed, 3);
      const sets = new Set(search.asked.map(({ beams }) => String(beams)));
      expect(sets.size).toBeLessThanOrEqual(495 / 4);
      if (best?.value === Math.min(...all)) found++;
    }
    expect(found).toBeGreaterThanOrEqual(9);
  });
});
