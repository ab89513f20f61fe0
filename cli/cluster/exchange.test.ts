/** Workers are told where they may tell each other things. */
import { CLIENT_OPTIONS, clientCredentials } from '@isola/cluster/runtime';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { memoryStore } from '@isola/coordinator/store';
import { type ExchangePlace, WorkerSession } from '@isola/worker/session';
import { CellComputer } from '@isola/worker/threads';
import { expect, it } from 'vitest';
import { emptyFolder } from '../built-command.js';
import { type RunningCoordinator, startCoordinator } from './coordinator-process.js';

/** What a worker is told by a coordinator with these NATS servers. */
async function told(exchange: readonly string[]): Promise<ExchangePlace | null> {
  const coordinator = (await startCoordinator(
    { store: memoryStore<ClusterEvent>(), presence: null },
    {
      ...{ listen: '127.0.0.1:0', http: null, metrics: null, exchange },
      audit: 'none',
      cellTimeoutMs: 60_000,
      tenantCalls: 100,
    },
    null,
    new AbortController().signal,
  )) as RunningCoordinator;
  const setup = { threads: 1, cacheFolder: emptyFolder(), memoryBytes: 1e6, version: '1' };
  let session: WorkerSession | null = null;
  const place = await new Promise<ExchangePlace | null>((onExchange) => {
    session = new WorkerSession({
      ...{ name: 'w', coordinators: [coordinator.places.listen], kernelVersion: '1', slots: 1 },
      ...{ credentials: clientCredentials(null), channelOptions: CLIENT_OPTIONS, onExchange },
      computer: new CellComputer(setup, 1),
    });
  });
  await (session as WorkerSession | null)?.close();
  await coordinator.close();
  return place;
}

it('a worker is told of the NATS servers, where there are any', async () => {
  const servers = ['nats://n1:4222', 'nats://n2:4222'];
  expect(await told(servers)).toEqual({ servers, prefix: 'isola.exchange' });
  expect(await told([])).toBe(null);
});
