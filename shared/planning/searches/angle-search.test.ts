/** Laws of judging sets of beams, on a cube of water with a target beside an organ. */
import { inlineExecutor } from '@isola/kernels/backends';
import { bestMigrates, broadcastBest } from '@isola/optimizers/islands';
import { describe, expect, it } from 'vitest';
import {
  clusterTerms,
  DEFAULT_CLUSTERS,
  fluenceProblem,
  objectiveStructures,
} from '../problem/index.js';
import { clusterProblem } from './cluster-problem.js';
import {
  type AngleSearchMeans,
  angleSearch,
  type BeamCache,
  type BeamSet,
  DEFAULT_ANGLE_SETTINGS,
  type JudgedBeams,
} from './index.js';
import { toyFluence as fluence, toyGrid as grid } from './toy-fluence.js';

const candidates = Array.from({ length: 12 }, (_, i) => ({
  ...{ gantryDeg: 30 * i, couchDeg: 0, collimatorDeg: 0 },
}));
const spec = { fluence, candidates, count: 3, settings: DEFAULT_ANGLE_SETTINGS };
const noCache: BeamCache = { get: async () => null, put: async () => {} };

function means(more: Partial<AngleSearchMeans> = {}): AngleSearchMeans {
  const keyOf = ({ gantryDeg }: { gantryDeg: number }) => String(gantryDeg);
  return { executor: inlineExecutor(), cache: noCache, keyOf, memoryBytes: 1e9, ...more };
}

const sets = [
  [0, 4, 8],
  [1, 5, 9],
  [2, 3, 4],
  [0, 6, 9],
  [8, 9, 11],
].map((set) => Uint16Array.from(set));

describe('a set of beams', () => {
  it('has the same bits in any order and from any state of memory and cache', async () => {
    const wanted = await Promise.all(
      sets.map((set) => angleSearch(spec, means()).judge(set, [], Infinity)),
    );
    const kept = new Map<string, Uint8Array>();
    const cache: BeamCache = {
      get: async (key) => kept.get(key) ?? null,
      put: async (key, bytes) => void kept.set(key, Uint8Array.from(bytes)),
    };
    for (const memoryBytes of [1e9, 0]) {
      const search = angleSearch(spec, means({ cache, memoryBytes }));
      const order = [3, 1, 4, 0, 2];
      const judged = await Promise.all(order.map((s) => search.judge(sets[s], [], Infinity)));
      order.forEach((s, k) => {
        expect(judged[k]).toEqual(wanted[s]);
      });
    }
    expect(kept.size).toBe(new Set(sets.flatMap((set) => [...set])).size);
  });

  it('computes each beam once, and again only where no memory and no cache keeps it', async () => {
    const computed = async (more: Partial<AngleSearchMeans>) => {
      let beams = 0;
      const search = angleSearch(spec, means({ ...more, onBeam: () => beams++ }));
      for (const set of [sets[0], sets[1], sets[0]]) await search.judge(set, [], Infinity);
      return beams;
    };
    expect(await computed({})).toBe(6);
    expect(await computed({ memoryBytes: 0 })).toBeGreaterThan(6);
  });

  it('is rejected by a bound alone that is above the threshold and below its cost', async () => {
    const scores: JudgedBeams[] = [];
    const search = angleSearch(spec, means({ onJudged: (score) => scores.push(score) }));
    let rejected = 0;
    for (const set of sets) {
      const { set: whole } = await search.judge(set, [], Infinity);
      const { value } = whole as BeamSet;
      for (const part of [0.2, 0.5, 0.8, 1, 1.5]) {
        const judgement = await search.judge(set, [], part * value);
        const score = scores[scores.length - 1];
        expect(judgement.set === null).toBe(score.isRejected);
        if (!score.isRejected) continue;
        rejected++;
        expect(score.evaluations).toBe(0);
        expect(score.value).toBeGreaterThan(part * value);
        expect(score.value).toBeLessThanOrEqual(value);
      }
    }
    expect(rejected).toBeGreaterThan(0);
  });

  it('costs about the same from whatever known set its optimisation begins', async () => {
    const { judge } = angleSearch(spec, means());
    const first = (await judge(sets[0], [], Infinity)).set as BeamSet;
    for (const set of sets.slice(1)) {
      const [cold, warm] = [await judge(set, [], Infinity), await judge(set, [first], Infinity)];
      const ratio = (warm.set as BeamSet).value / (cold.set as BeamSet).value;
      expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
    }
  });
});

describe('beams by group sparsity', () => {
  it('are so many different ones, and the same at every call', async () => {
    const search = angleSearch(spec, means());
    const found = await search.bySparsity();
    expect(found).toHaveLength(3);
    expect(found).toEqual(await angleSearch(spec, means()).bySparsity());
    expect(found.every((beam, k) => beam < 12 && (k === 0 || beam > found[k - 1]))).toBe(true);
  });

  it('are where the first island begins, if asked for', async () => {
    const seeded = {
      ...spec,
      settings: { ...DEFAULT_ANGLE_SETTINGS, seeding: 'group-sparsity' as const },
    };
    const search = angleSearch(seeded, means());
    const cell = { seed: 1, island: 0, epoch: 0, state: null, immigrants: [] };
    const { state } = await search.cells(2, bestMigrates(broadcastBest))(cell, { aborted: false });
    expect(state.judged[0].beams).toEqual(await search.bySparsity());
  });
});

describe('settings of a search', () => {
  it.each([
    [{ population: 1 }, 'search.population is 1; allowed: 2 or more'],
    [{ generations: 0 }, 'search.generations is 0'],
    [{ proposals: 0 }, 'search.proposals is 0'],
    [{ crossover: 1.5 }, 'search.crossover is 1.5; allowed: a number from 0 to 1'],
    [{ mutation: -0.1 }, 'search.mutation is -0.1'],
    [{ temperature: Number.NaN }, 'search.temperature is NaN'],
    [{ cooling: 1 }, 'search.cooling is 1; allowed: a number above 0 and below 1'],
  ])('%j is refused', (setting, message) => {
    const settings = { ...DEFAULT_ANGLE_SETTINGS, ...setting };
    expect(() => angleSearch({ ...spec, settings }, means())).toThrow(
      message.replace(' is ', ': is '),
    );
  });

  it('more beams than candidates are refused', () => {
    expect(() => angleSearch({ ...spec, count: 13 }, means())).toThrow(
      'beams.count: is 13; allowed: at most the 12 candidates',
    );
  });
});

describe('the fluence of a set on clusters', () => {
  it('costs the same alone and with its gradient, and what its dose costs', async () => {
    const mean = { structure: 'Organ', weight: 3, objective: { type: 'mean' } } as const;
    const objectives = [...fluence.objectives, mean];
    const { patient, priorities } = fluence;
    const structures = objectiveStructures(patient, objectives, priorities, grid);
    const clusters = clusterTerms(structures, objectives, grid, DEFAULT_CLUSTERS);
    const { beams } = angleSearch({ ...spec, fluence: { ...fluence, objectives } }, means());
    const of = { ...clusters, beams: await beams.condensed(Uint16Array.of(0, 4, 8)) };
    for (const level of ['fine', 'coarse'] as const) {
      const { map, terms, problem, scale } = clusterProblem(of, level);
      const plain = fluenceProblem(map, terms);
      const [gradient, wanted] = [new Float64Array(problem.size), new Float64Array(problem.size)];
      for (const z of [0.02, 0.3]) {
        const x = scale.map((unit, j) => (z * (1 + (j % 3))) / unit);
        const value = await problem.valueAndGradient(x, gradient);
        expect(await problem.value(x)).toBe(value);
        const weights = x.map((xj, j) => xj * scale[j]);
        const cost = await plain.valueAndGradient(weights, wanted);
        expect(Math.abs(value - cost)).toBeLessThan(1e-6 * cost);
        const largest = wanted.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
        gradient.forEach((g, j) => {
          expect(Math.abs(g / scale[j] - wanted[j])).toBeLessThan(1e-5 * largest);
        });
      }
    }
  });
});
