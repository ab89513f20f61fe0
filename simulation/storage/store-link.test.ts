import { type LawEvent, type StoreLaw, storeLaws } from '@isola/coordinator/store';
import { describe, expect, it } from 'vitest';
import { Network } from '../network/index.js';
import { Chance, Process, Timeline } from '../time/index.js';
import { LogServer } from './log-server.js';
import { StoreLink } from './store-link.js';

/** Checks a law of stores, in virtual time. */
async function walk(law: StoreLaw): Promise<void> {
  const timeline = new Timeline();
  const wire = { delayMs: 1, jitterMs: 30, loss: 0, duplicates: 0.2, isWatched: true };
  const network = new Network(timeline, new Chance(1, law.name), wire);
  const born = (host: string) =>
    new Process(timeline, { name: host, host, clockRate: 1, clockMs: 0 });
  const server = new LogServer(born('store'));
  const own = born('c0');
  const checked = law.check(async () => new StoreLink<LawEvent>(own, network, server));
  let isChecked = false;
  const heard = checked.finally(() => {
    isChecked = true;
  });
  heard.catch(() => {});
  // Nothing of virtual time is left only where a law waits for it no more.
  while (!isChecked) if (!(await timeline.step())) await new Promise(setImmediate);
  await heard;
}

describe('the way to the shared log', () => {
  it.each(storeLaws.map((law) => [law.name, law] as const))('%s', async (_name, law) => {
    await expect(walk(law)).resolves.toBeUndefined();
  });
});
