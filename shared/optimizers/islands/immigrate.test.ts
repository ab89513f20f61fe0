import { describe, expect, it } from 'vitest';
import { broadcastBest } from './broadcast-best.js';
import { bestLeave, randomLeave } from './emigration.js';
import { admitted, immigrate } from './immigrate.js';
import { replaceRandom, replaceWorst, replaceWorstIfBetter } from './replacement.js';
import { ring } from './ring.js';

const people = (...values: number[]) => values.map((value) => ({ value }));
const values = (of: readonly { value: number }[]) => of.map(({ value }) => value);
const places = Array.from({ length: 400 }, (_, epoch) => ({ seed: 7, island: 3, epoch }));
const [place] = places;

describe('who leaves', () => {
  it('is the best, best first, those of equal cost in their order', () => {
    const population = [5, 1, 3, 1, 9].map((value, id) => ({ value, id }));
    expect(bestLeave(3)(population, place).map(({ id }) => id)).toEqual([1, 3, 2]);
    expect(bestLeave(9)(population, place)).toHaveLength(5);
  });

  it('is anyone, each as likely, none twice, the same again at the same place', () => {
    const population = people(0, 1, 2, 3, 4);
    const counts = [0, 0, 0, 0, 0];
    for (const at of places) {
      const left = values(randomLeave(2)(population, at));
      expect(new Set(left).size).toBe(2);
      expect(values(randomLeave(2)(population, at))).toEqual(left);
      for (const value of left) counts[value]++;
    }
    // 800 draws, 160 expected of each, standard deviation below 12.
    for (const count of counts) expect(Math.abs(count - 160)).toBeLessThan(48);
  });
});

describe('who makes room', () => {
  it('is the worst', () => {
    const next = immigrate(people(4, 8, 2), people(9, 1), replaceWorst, place);
    expect(values(next)).toEqual([4, 1, 2]);
  });

  it('is the worst for a better one only', () => {
    const next = immigrate(people(4, 8, 2), people(9, 3, 8), replaceWorstIfBetter, place);
    expect(values(next)).toEqual([4, 3, 2]);
  });

  it('is anyone, but never the best for one that is not better', () => {
    const replaced = new Set<number>();
    for (const at of places) {
      const next = values(immigrate(people(1, 5, 6, 7), people(3), replaceRandom, at));
      expect(next[0]).toBe(1);
      replaced.add(next.indexOf(3));
    }
    // -1: the draw fell on the best, which stays.
    expect(replaced).toEqual(new Set([-1, 1, 2, 3]));
  });
});

describe.each([replaceWorst, replaceWorstIfBetter, replaceRandom])('immigrate, %o', (enter) => {
  it('keeps the size, leaves what it is given unchanged, never worsens the best', () => {
    for (const at of places) {
      const residents = people(...[0, 1, 2, 3].map((i) => (at.epoch * 37 + i * 61) % 97));
      const immigrants = people(...[4, 5].map((i) => (at.epoch * 37 + i * 61) % 97));
      const before = values(residents);
      const next = immigrate(residents, immigrants, enter, at);
      expect(values(residents)).toEqual(before);
      expect(next).toHaveLength(4);
      expect(Math.min(...values(next))).toBeLessThanOrEqual(Math.min(...before));
    }
  });

  it('keeps a lone resident unless a better one comes', () => {
    expect(values(immigrate(people(4), people(5, 3), enter, place))).toEqual([3]);
    expect(immigrate([], people(5), enter, place)).toEqual([]);
  });
});

describe('who is admitted', () => {
  const immigrants = [
    { island: 0, emigrants: people(4, 6) },
    { island: 2, emigrants: people(3, 9) },
    { island: 5, emigrants: people(3) },
  ];

  it('is everyone, in the order of island and rank', () => {
    expect(values(admitted(ring, { island: 1, immigrants }))).toEqual([4, 6, 3, 9, 3]);
  });

  it('is the one best of all islands with broadcast-best, and nobody where it is at home', () => {
    expect(admitted(broadcastBest, { island: 1, immigrants })).toEqual(people(3));
    expect(admitted(broadcastBest, { island: 5, immigrants })).toEqual(people(3));
    expect(admitted(broadcastBest, { island: 2, immigrants })).toEqual([]);
    expect(admitted(broadcastBest, { island: 2, immigrants: [] })).toEqual([]);
  });
});
