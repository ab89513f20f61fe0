/** Faults that take a minute or more even once, most of which they wait. */
import { natsServerProblem } from '@isola/coordinator/nats';
import { describe, expect, it } from 'vitest';
import { shortened } from './shortened.js';

/** More than twice what the longest of them takes beside other tests. */
const TIMEOUT_MS = 900_000;

describe.skipIf(natsServerProblem() !== '')('a cluster of real processes', () => {
  it.each(shortened('slow'))(
    'withstands: %s',
    async (_summary, fault, trials) => {
      expect(await fault.run(trials, () => {})).toMatchObject({ isKept: true, trials });
    },
    TIMEOUT_MS,
  );
});
