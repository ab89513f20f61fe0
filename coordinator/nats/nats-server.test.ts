import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkNatsServers } from './check-server.js';
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
    await checkNatsServers([server.monitorUrl]);
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

  it('takes as much when it is started again, however full the disk is', async () => {
    const most = async ({ monitorUrl }: NatsServer) => {
      const response = await fetch(`${monitorUrl}/varz`);
      const { jetstream } = (await response.json()) as { jetstream: { config: object } };
      return jetstream.config;
    };
    const first = await started();
    const atFirst = await most(first);
    await first.stop();
    writeFileSync(join(first.options.folder, 'other'), Buffer.alloc(2 ** 24, 1));
    expect(await most(await started(first.options))).toEqual(atFirst);
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
    await expect(checkNatsServers([monitorUrl])).rejects.toMatchObject({
      problem: 'unwritable',
      message:
        `${monitorUrl}: this NATS server forgets in a power cut what it acknowledged; ` +
        'set "sync_interval: always" in its jetstream block',
    });
  });
});

describe('monitors', () => {
  /** Checks servers whose monitors answer this, or do not answer. */
  async function check(...answers: readonly (object | string | null)[]): Promise<void> {
    const monitors = answers.map((answer) => {
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      return { answer, server: createServer((_, response) => response.end(text)) };
    });
    const urls: string[] = [];
    for (const { answer, server } of monitors) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      if (answer === null) await once(server.close(), 'close');
    }
    try {
      await checkNatsServers(urls);
    } finally {
      for (const { server } of monitors) {
        server.closeAllConnections();
        server.close();
      }
    }
  }
  const jetstream = { config: { sync_always: true } };
  const right = { version: '2.14.0', jetstream };

  it('of servers that keep what they acknowledge are enough', async () => {
    await check(right);
    await check(right, { version: '3.0.1', jetstream }, right);
  });

  it.each([
    ['does not answer', null, 'cannot be asked how it keeps data: connect ECONNREFUSED'],
    ['says nothing that can be read', 'hello', 'cannot be asked how it keeps data: Unexpected'],
    ['tells an old version', { version: '2.9.10', jetstream }, 'is 2.9.10; 2.14.0 or newer'],
    ['tells of no streams', { version: '2.14.0' }, 'keeps nothing; give it a jetstream block'],
    ['tells no sync', { version: '2.14.0', jetstream: { config: {} } }, 'forgets in a power cut'],
  ])('are refused where one %s', async (_, answer, why) => {
    await expect(check(answer)).rejects.toThrow(why);
    if (answer !== null)
      await expect(check(null, right, right, right, answer)).rejects.toThrow(why);
  });

  it('may be silent where most answer', async () => {
    await check(null, right, right);
    await check(right, null, right, right, null);
    await expect(check(right, null)).rejects.toThrow('ECONNREFUSED');
    await expect(check(null, right, null)).rejects.toThrow('ECONNREFUSED');
  });
});
