/** Each fault of the lab once or twice; how often it is done by default says `npm run faults`. */
import { natsServerProblem } from '@isola/coordinator/nats';
import { describe, expect, it } from 'vitest';
import { faults } from './catalogue.js';

/** These take a minute or more; other tests have scenes of them. */
const LONG = new Set([4, 5, 19, 27]);

describe.skipIf(natsServerProblem() !== '')('a cluster of real processes', () => {
  it.each(
    faults
      .filter(({ number }) => !LONG.has(number))
      .map((fault) => [fault.summary, fault] as const),
  )('withstands: %s', async (_summary, fault) => {
    const outcome = await fault.run(1, () => {});
    // How long it took is for the lab to judge, on a machine that does nothing else.
    expect({ lost: 0, doubled: 0, ...outcome }).toMatchObject({
      ...{ hashEqual: true, lost: 0, doubled: 0, trials: 1 },
    });
  });

  it('has a number for every fault', () => {
    const numbers = faults.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
