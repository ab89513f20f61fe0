/** A NATS server of `isola up` that takes its time to start, as one does that has much to read. */
import { spawnSync } from 'node:child_process';
import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type NatsServer, natsServerProblem, startNatsServer } from '@isola/coordinator/nats';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyFolder } from '../built-command.js';
import { OwnNats } from './own-nats.js';

const owned: OwnNats[] = [];

afterAll(() => Promise.all(owned.map((own) => own.end())));

/** A server that was killed, and that starts no further than its log, which nobody reads. */
async function starting() {
  const folder = emptyFolder();
  const server = await startNatsServer({ folder });
  const said: string[] = [];
  const own = new OwnNats(server, (line) => said.push(line));
  owned.push(own);
  const log = join(folder, 'nats-server.log');
  rmSync(log);
  expect(spawnSync('mkfifo', [log]).status).toBe(0);
  await server.kill();
  return { server, own, said, read: () => createReadStream(log).resume() };
}

const isHealthy = ({ monitorUrl }: NatsServer) =>
  fetch(`${monitorUrl}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

describe.skipIf(natsServerProblem() !== '')('a NATS server of ours', () => {
  it('has all the time that it takes to start', async () => {
    const { server, said, read } = await starting();
    const still = 'nats-server is not ready yet: it reads its store, or finds no others';
    const patience = { timeout: 60_000 };
    await expect.poll(() => said.length, patience).toBe(4);
    expect(said).toEqual(['nats-server has ended, starting again', still, still, still]);
    read();
    await expect.poll(() => isHealthy(server), patience).toBe(true);
  });

  it('can be ended before it has started', async () => {
    const { own, said } = await starting();
    await expect.poll(() => said.length).toBe(1);
    await own.end();
    expect(said.length).toBe(1);
  });
});
