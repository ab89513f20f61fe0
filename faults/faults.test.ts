/** Faults of the lab once or twice; how often each is done by default says `npm run faults`. */
import { natsServerProblem } from '@isola/coordinator/nats';
import { describe, expect, it } from 'vitest';
import { faults } from './catalogue.js';

/** These take a minute or more; other tests have scenes of them. */
const LONG = new Set([4, 5, 16, 18, 19, 24, 27]);
/** Where once is not enough to see anything. */
const TRIALS: Readonly<Record<number, number>> = { 8: 2, 12: 20, 21: 2, 23: 2, 25: 20 };

describe.skipIf(natsServerProblem() !== '')('a cluster of real processes', () => {
  it.each(
    faults
      .filter(({ number, lacking }) => !LONG.has(number) && (lacking?.() ?? '') === '')
      .map((fault) => [fault.summary, fault] as const),
  )('withstands: %s', async (_summary, fault) => {
    const trials = TRIALS[fault.number] ?? 1;
    const outcome = await fault.run(trials, () => {});
    // How long it took is for the lab to judge, on a machine that does nothing else.
    const harmed = { lost: 0, doubled: 0, acknowledgedLost: 0, splitTerms: 0, taken: 0, found: 0 };
    const none = { ...harmed, entered: 0, staleApplied: 0, unfound: 0, applied: 0 };
    const known = { ...none, hashEqual: true, isKept: true, ...outcome };
    expect(known).toMatchObject({ ...none, hashEqual: true, isKept: true, trials });
  });

  it('has a number for every fault', () => {
    const numbers = faults.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
