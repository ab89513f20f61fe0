/** Faults of the lab once or twice; how often each is done by default says `npm run faults`. */
import { natsServerProblem } from '@isola/coordinator/nats';
import { describe, expect, it } from 'vitest';
import { faults } from './catalogue.js';
import { shortened } from './shortened.js';

describe.skipIf(natsServerProblem() !== '')('a cluster of real processes', () => {
  it.each(shortened('quick'))('withstands: %s', async (_summary, fault, trials) => {
    expect(await fault.run(trials, () => {})).toMatchObject({ isKept: true, trials });
  });

  it('has a number for every fault', () => {
    const numbers = faults.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
