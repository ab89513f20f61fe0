import { describe, expect, it } from 'vitest';
import { simulate } from '../cluster/index.js';
import { hunt } from './hunt.js';
import { PLANTED_BUGS } from './planted-bugs.js';

/** A bug that no run of so many seeds shows would not be found at all. */
const MOST_SEEDS = 1_000;

describe('a planted bug', () => {
  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))('is found: %s', async (_, bug) => {
    const { found } = await hunt(bug, MOST_SEEDS);
    expect(found?.violations).not.toEqual([]);
    expect(found).not.toBeNull();
  });

  it('is gone once it was hunted: the alarm is silent again', async () => {
    const [canary] = PLANTED_BUGS;
    const { found, tried } = await hunt(canary, MOST_SEEDS);
    expect(found?.violations[0]?.law).toBe('accepted-twice');
    expect((await simulate(tried)).violations).toEqual([]);
  });

  it('is one of twenty and more, each with its name', () => {
    const names = new Set(PLANTED_BUGS.map(({ name }) => name));
    expect(names.size).toBe(PLANTED_BUGS.length);
    expect(names.size).toBeGreaterThanOrEqual(20);
  });
});
