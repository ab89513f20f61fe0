/** Two workers under one name would take each other's leases. */
import { CLIENT_OPTIONS, clientCredentials } from '@isola/cluster/runtime';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { memoryStore } from '@isola/coordinator/store';
import { WorkerSession } from '@isola/worker/session';
import { CellComputer } from '@isola/worker/threads';
import { expect, it } from 'vitest';
import { emptyFolder } from '../built-command.js';
import { type RunningCoordinator, startCoordinator } from './coordinator-process.js';

/** A worker called `w`, and what it hears of its coordinator, in turn. */
function worker(coordinator: string) {
  const heard: string[] = [];
  const listeners = new Map<string, () => void>();
  const hear = (what: string) => {
    heard.push(what);
    listeners.get(what)?.();
  };
  const setup = { threads: 1, cacheFolder: emptyFolder(), memoryBytes: 1e6, version: '1' };
  const session = new WorkerSession({
    ...{ name: 'w', coordinators: [coordinator], kernelVersion: '1', slots: 1 },
    ...{ credentials: clientCredentials(null), channelOptions: CLIENT_OPTIONS },
    computer: new CellComputer(setup, 1),
    onAttached: (address) => hear(address === null ? 'lost' : 'attached'),
    onNameTaken: () => hear('name taken'),
  });
  const once = (what: string) =>
    heard.includes(what)
      ? Promise.resolve()
      : new Promise<void>((resolve) => listeners.set(what, resolve));
  return { session, heard, once };
}

it('the later one is told so, and attached once the first is gone', async () => {
  const coordinator = (await startCoordinator(
    { store: memoryStore<ClusterEvent>(), presence: null },
    {
      ...{ listen: '127.0.0.1:0', http: null, metrics: null, exchange: [] },
      ...{ audit: 'none', cellTimeoutMs: 60_000, tenantCalls: 100 },
    },
    null,
    new AbortController().signal,
  )) as RunningCoordinator;
  const { listen } = coordinator.places;
  const first = worker(listen);
  await first.once('attached');
  const later = worker(listen);
  await later.once('name taken');
  expect(later.heard).not.toContain('attached');
  expect(first.heard).toEqual(['attached']);
  await first.session.close();
  await later.once('attached');
  await later.session.close();
  await coordinator.close();
});
