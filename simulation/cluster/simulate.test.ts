import { describe, expect, it } from 'vitest';
import { ALL_FAULTS, faultsOf, NO_FAULTS } from '../faults/index.js';
import { simulate } from './simulate.js';

const SEEDS = 120;
/** A worker comes between a result that is in the log and what follows from it. */
const BETWEEN_SEEDS = [875, 2929];

describe('a simulated cluster', () => {
  it('is the same in every run of a seed, and another one for another seed', async () => {
    const traces = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) {
      const first = await simulate(seed);
      expect(await simulate(seed)).toEqual(first);
      traces.add(first.traceHash);
    }
    expect(traces.size).toBe(10);
  });

  it('keeps every law where nothing goes wrong', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { violations, cells } = await simulate(seed, { faults: NO_FAULTS });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(cells).toBeGreaterThan(0);
    }
  });

  it('keeps every law with the faults of each seed', async () => {
    const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
    for (const seed of [...seeds, ...BETWEEN_SEEDS]) {
      const { violations } = await simulate(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  it('keeps every law where all goes wrong together', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { violations } = await simulate(seed, { faults: ALL_FAULTS });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  it('meets every fault in about half of its seeds', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => faultsOf(seed));
    for (const kind of Object.keys(ALL_FAULTS) as (keyof typeof ALL_FAULTS)[]) {
      const met = seeds.filter((faults) => faults[kind] > 0).length;
      expect(met).toBeGreaterThan(60);
      expect(met).toBeLessThan(140);
    }
  });
});
