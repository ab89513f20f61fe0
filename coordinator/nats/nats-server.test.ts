import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkNatsServer } from './check-server.js';
import { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.js';
import { natsServerPath, natsServerProblem } from './server-path.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'isola-nats-'));

const servers: NatsServer[] = [];

async function started(options: Partial<NatsServerOptions> = {}): Promise<NatsServer> {
  const server = await startNatsServer({ folder: newFolder(), ...options });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

describe.skipIf(natsServerProblem() !== '')('a nats-server', () => {
  it('syncs what it acknowledges, on addresses of this machine only', async () => {
    const server = await started();
    await checkNatsServer(server.monitorUrl);
    expect(server.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
    expect(server.monitorUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('has its addresses again when it is started again, however it ended', async () => {
    const first = await started();
    await first.kill();
    const second = await started(first.options);
    await second.stop();
    const third = await started(second.options);
    for (const { url, monitorUrl } of [second, third]) {
      expect({ url, monitorUrl }).toEqual({ url: first.url, monitorUrl: first.monitorUrl });
    }
    expect(new Set([first.pid, second.pid, third.pid]).size).toBe(3);
  });

  it('that cannot start says why in one line', async () => {
    const { options } = await started();
    await expect(started({ port: options.port as number })).rejects.toMatchObject({
      problem: 'unwritable',
      message: expect.stringMatching(/^\S+: nats-server does not start: .*address already in use/),
    });
  });

  it('is a program that is there', () => {
    expect(spawnSync(natsServerPath(), ['-v'], { encoding: 'utf8' }).stdout).toMatch(/v\d/);
  });

  it('is refused where it forgets in a power cut what it acknowledged', async () => {
    const folder = newFolder();
    const more = { jetstream: { store_dir: join(folder, 'store') } };
    const { monitorUrl } = await started({ folder, more });
    await expect(checkNatsServer(monitorUrl)).rejects.toMatchObject({
      problem: 'unwritable',
      message:
        `${monitorUrl}: this NATS server forgets in a power cut what it acknowledged; ` +
        'set "sync_interval: always" in its jetstream block',
    });
  });
});

describe('a monitor', () => {
  /** Checks a server whose monitor answers this, or does not answer. */
  async function check(answer: object | null): Promise<void> {
    const monitor = createServer((_, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(monitor.address() as AddressInfo).port}`;
    const closed = () => new Promise((resolve) => monitor.close(resolve));
    if (answer === null) await closed();
    try {
      await checkNatsServer(url);
    } finally {
      monitor.closeAllConnections();
      await closed();
    }
  }
  const jetstream = { config: { sync_always: true } };

  it('of a server that keeps what it acknowledges is enough', async () => {
    await check({ version: '2.14.0', jetstream });
    await check({ version: '3.0.1', jetstream });
  });

  it.each([
    ['does not answer', null, 'cannot be asked how it keeps data: connect ECONNREFUSED'],
    ['tells an old version', { version: '2.9.10', jetstream }, 'is 2.9.10; 2.14.0 or newer'],
    ['tells of no streams', { version: '2.14.0' }, 'keeps nothing; give it a jetstream block'],
    ['tells no sync', { version: '2.14.0', jetstream: { config: {} } }, 'forgets in a power cut'],
  ])('that %s is refused', async (_, answer, why) => {
    await expect(check(answer)).rejects.toThrow(why);
  });
});
