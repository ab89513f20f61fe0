import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type NatsServer,
  natsServerProblem,
  startNatsCluster,
  startNatsServer,
} from '../nats/index.js';
import { contentId } from '../store/index.js';
import { jetStreamStore } from './jetstream-store.js';

const lacking = natsServerProblem();
let servers: NatsServer[] = [];

beforeAll(async () => {
  if (lacking !== '') return;
  servers = await startNatsCluster(mkdtempSync(join(tmpdir(), 'isola-nats-')), 3);
});

afterAll(() => Promise.all(servers.map((server) => server.kill())));

/** Kills the server that leads a stream, and starts it again. */
async function killLeader(stream: string): Promise<void> {
  const connection = await connect({ servers: servers.map(({ url }) => url) });
  const manager = await jetstreamManager(connection);
  const leader = (await manager.streams.info(stream)).cluster?.leader;
  await connection.close();
  const index = servers.findIndex(({ options }) => options.more?.server_name === leader);
  await servers[index].kill();
  servers[index] = await startNatsServer(servers[index].options);
}

/** Resolves when a server has all that the others have. */
async function isCurrent({ monitorUrl }: NatsServer): Promise<void> {
  while (!(await fetch(`${monitorUrl}/healthz`).catch(() => null))?.ok) await pause(50);
}

describe.skipIf(lacking !== '')('three servers', () => {
  it('go on when the one that leads is killed: nothing is lost or there twice', async () => {
    const place = {
      servers: servers.map(({ url }) => url),
      replicas: 3 as const,
      deadlineMs: 30_000,
    };
    const store = await jetStreamStore<{ n: number }>(place);
    const blobs: string[] = [];
    let killed = Promise.resolve();
    for (let n = 0; n < 60; n++) {
      if (n === 20) killed = killLeader('isola-events');
      const blob = new Uint8Array(3000).fill(n);
      const [id] = await Promise.all([store.putBlob(blob), store.append({ n }, n)]);
      blobs.push(id);
    }
    await killed;
    const again = await jetStreamStore<{ n: number }>(place);
    expect((await again.load()).map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    for (const id of blobs) expect(contentId(await again.getBlob(id))).toBe(id);
    await Promise.all([store.close(), again.close()]);
  });

  it('go on whichever is away, once the one before has come back and knows all', async () => {
    const place = {
      ...{ servers: servers.map(({ url }) => url), replicas: 3 as const, prefix: 'away' },
      deadlineMs: 30_000,
    };
    const store = await jetStreamStore<{ n: number }>(place);
    let appended = 0;
    const appendSome = async () => {
      for (const end = appended + 5; appended < end; appended++) {
        await store.append({ n: appended }, appended);
      }
    };
    await appendSome();
    for (const [i, server] of servers.entries()) {
      await server.kill();
      await appendSome();
      servers[i] = await startNatsServer(server.options);
      await appendSome();
      await isCurrent(servers[i]);
    }
    const expected = Array.from({ length: appended }, (_, n) => n);
    expect((await store.load()).map(({ n }) => n)).toEqual(expected);
    await store.close();
  });
});
