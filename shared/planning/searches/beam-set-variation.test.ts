import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import {
  CandidatePool,
  crossSets,
  Draws,
  evenSet,
  moveBeam,
  mutateSet,
  randomSet,
} from './beam-set-variation.js';

const candidates = Array.from({ length: 72 }, (_, i) => ({
  ...{ gantryDeg: 5 * i, couchDeg: 0, collimatorDeg: 0 },
}));
const pool = new CandidatePool(candidates);
const stream = new RandomStream(1, 'beam-set-variation.test');
const draws = (individual: number) => new Draws(stream, 0, 0, individual);
const trials = Array.from({ length: 200 }, (_, k) => k);
const randomSets = trials.map((k) => randomSet(5, pool, draws(k)));

function expectSet(set: Uint16Array, count: number): void {
  expect(set).toHaveLength(count);
  set.forEach((beam, k) => {
    expect(beam).toBeLessThan(72);
    if (k > 0) expect(beam).toBeGreaterThan(set[k - 1]);
  });
}

describe('a random set', () => {
  it('has different candidates, every one of them about as often', () => {
    const counts = new Float64Array(72);
    for (const set of randomSets) {
      expectSet(set, 5);
      for (const beam of set) counts[beam]++;
    }
    // 1000 draws of 72: 13.9 each, with a standard deviation of 3.6.
    expect(counts.every((count) => count > 0 && count < 32)).toBe(true);
  });

  it('is all there is where there are no more', () => {
    expect(randomSet(72, pool, draws(0))).toEqual(Uint16Array.from(pool.all));
  });
});

describe('an even set', () => {
  it('has equal distances, and is turned on by the part asked for', () => {
    expect([...evenSet(4, pool, 0)]).toEqual([0, 18, 36, 54]);
    expect([...evenSet(4, pool, 0.5)]).toEqual([9, 27, 45, 63]);
    for (const k of trials) expectSet(evenSet(1 + (k % 72), pool, k / 200), 1 + (k % 72));
  });
});

describe('a child of two sets', () => {
  it('has what both have, and else what one of them has', () => {
    for (const k of trials.slice(1)) {
      const [a, b] = [randomSets[k - 1], randomSets[k]];
      const child = crossSets(a, b, draws(k));
      expectSet(child, 5);
      for (const beam of a) if (b.includes(beam)) expect(child).toContain(beam);
      for (const beam of child) expect(a.includes(beam) || b.includes(beam)).toBe(true);
      expect(crossSets(a, a, draws(k))).toEqual(a);
    }
  });
});

describe('a moved beam', () => {
  it('changes one beam: as often to one of the six nearest as anywhere', () => {
    let near = 0;
    for (const k of trials) {
      const set = randomSets[k];
      const moved = moveBeam(set, set[2], pool, draws(k));
      expectSet(moved, 5);
      const [arrived, ...more] = moved.filter((beam) => !set.includes(beam));
      expect(more).toEqual([]);
      expect(set.filter((beam) => !moved.includes(beam))).toEqual(Uint16Array.of(set[2]));
      if (pool.neighbours(set[2]).includes(arrived)) near++;
    }
    expect(near).toBeGreaterThan(80);
    expect(near).toBeLessThan(140);
  });

  it('stays where everything is taken', () => {
    const all = Uint16Array.from(pool.all);
    expect(moveBeam(all, 3, pool, draws(0))).toEqual(all);
  });
});

describe('a mutation', () => {
  it('moves none at probability 0 and each at 1', () => {
    for (const k of trials) {
      const set = randomSets[k];
      expect(mutateSet(set, 0, pool, draws(k))).toEqual(set);
      const mutant = mutateSet(set, 0.3, pool, draws(k));
      expectSet(mutant, 5);
    }
    const kept = trials.flatMap((k) =>
      [...mutateSet(randomSets[k], 1, pool, draws(k))].filter((b) => randomSets[k].includes(b)),
    );
    // One that moved may come back, or another take its place.
    expect(kept.length).toBeLessThan(150);
  });
});

describe('candidates', () => {
  it('are as close as the cosine of the angle between their beams', () => {
    for (const k of trials.slice(0, 72)) {
      const wanted = Math.cos((5 * k * Math.PI) / 180);
      expect(pool.closeness(0, k)).toBeCloseTo(wanted, 12);
      expect(pool.closeness(k, 0)).toBe(pool.closeness(0, k));
    }
    expect([...pool.neighbours(0)].sort((a, b) => a - b)).toEqual([1, 2, 3, 69, 70, 71]);
  });

  it('are near across couch angles too: gantry 0 is the same beam at every couch angle', () => {
    const turned = new CandidatePool([
      { gantryDeg: 0, couchDeg: 0, collimatorDeg: 0 },
      { gantryDeg: 0, couchDeg: 90, collimatorDeg: 0 },
      { gantryDeg: 90, couchDeg: 0, collimatorDeg: 0 },
      { gantryDeg: 90, couchDeg: 90, collimatorDeg: 0 },
    ]);
    expect(turned.closeness(0, 1)).toBeCloseTo(1, 12);
    expect(turned.closeness(2, 3)).toBeCloseTo(0, 12);
  });
});
