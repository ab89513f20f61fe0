/** Three NATS servers, two coordinators and workers as processes, killed in turn. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetStreamStore } from '@isola/coordinator/jetstream';
import { type ClusterEvent, JobBook } from '@isola/coordinator/jobs';
import {
  freePorts,
  type NatsServer,
  natsServerProblem,
  startNatsCluster,
  startNatsServer,
} from '@isola/coordinator/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';
import { type Part, startPart, startWorker } from './cluster-processes.js';

const PLAN = [
  'case: phantom:tg119-c-shape',
  'machine: generic-6mv',
  'prescription: { structure: Target, doseGy: 50 }',
  'beams: { count: 3, bixelMm: 10 }',
  'search:',
  '  method: beam-angles',
  '  candidatesDeg: { from: 0, to: 330, step: 30 }',
  '  islands: 4',
  '  epochs: 5',
  '  population: 2',
  '  generations: 1',
  'doseGridMm: 6',
  'fractions: 25',
  'objectives:',
  '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
  '  - { structure: Core, type: squared-overdosing, doseGy: 15, weight: 50 }',
].join('\n');

const parts: Part[] = [];
let servers: NatsServer[] = [];

async function planHash(folder: string, args: readonly string[]): Promise<string> {
  const all = ['optimize', 'plan.yaml', '--json', '--out', `out-${args.length}`, ...args];
  const { code, stdout, stderr } = await isola(folder, all);
  expect([code, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { planHash: string }).planHash;
}

describe.skipIf(natsServerProblem() !== '')('a cluster on NATS', () => {
  beforeAll(async () => {
    servers = await startNatsCluster(mkdtempSync(join(tmpdir(), 'isola-up-')), 3);
  });

  afterAll(async () => {
    await Promise.all(parts.map((part) => part.end()));
    await Promise.all(servers.map((server) => server.kill()));
  });

  it('ends with the plan of one machine whichever of its processes is killed', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'plan.yaml'), PLAN);
    const here = await planHash(folder, []);
    const log = [
      ...['--nats', servers.map(({ url }) => url).join(',')],
      ...['--nats-monitor', servers.map(({ monitorUrl }) => monitorUrl).join(',')],
    ];
    const coordinator = async (listen: string, line: RegExp) => {
      const part = await startPart(
        folder,
        ['serve', '--listen', listen, '--http', 'none', ...log],
        line,
      );
      parts.push(part);
      return part;
    };
    const leader = await coordinator('127.0.0.1:0', /listens on (\S+);/);
    const [port] = await freePorts(1);
    const standbyAt = `127.0.0.1:${port}`;
    await coordinator(standbyAt, /stands by/);
    const addresses = `${leader.said[1]},${standbyAt}`;
    for (const name of ['w0', 'w1', 'w2', 'w3'])
      parts.push(await startWorker(folder, addresses, name));
    const planned = planHash(folder, ['--coordinator', addresses]);

    const urls = servers.map(({ url }) => url);
    const store = await jetStreamStore<ClusterEvent>({ servers: urls, replicas: 3 });
    const events: ClusterEvent[] = [];
    const following = new AbortController();
    const killings = [
      () => servers[0].kill(),
      async () => {
        servers[0] = await startNatsServer(servers[0].options);
      },
      () => leader.end(),
      () => parts.at(-1)?.end(),
      () => parts.at(-2)?.end(),
    ];
    for await (const event of store.follow(0, following.signal)) {
      events.push(event);
      if (event.type !== 'JobMoved') continue;
      if (event.event.type === 'CellAccepted') await killings.shift()?.();
      if (event.event.type === 'JobDone') following.abort();
    }
    await store.close();
    expect(killings).toEqual([]);
    expect(await planned).toBe(here);
    const book = new JobBook(events);
    expect(book.leader?.term).toBe(2);
    const [{ job }] = book.all();
    expect(job.acceptedCount).toBe(4 * 5 + 1);
  });

  it('is joined by a coordinator while one of its servers is away', async () => {
    const folder = emptyFolder();
    await servers[1].kill();
    const log = [
      ...['--nats', servers.map(({ url }) => url).join(',')],
      ...['--nats-monitor', servers.map(({ monitorUrl }) => monitorUrl).join(',')],
    ];
    const args = ['serve', '--listen', '127.0.0.1:0', '--http', 'none', ...log];
    parts.push(await startPart(folder, args, /listens on|stands by/));
    servers[1] = await startNatsServer(servers[1].options);
  });

  it('is not begun where a server forgets what it acknowledged', async () => {
    const folder = emptyFolder();
    const server = await startNatsServer({
      folder: join(folder, 'nats'),
      more: { jetstream: { store_dir: join(folder, 'streams') } },
    });
    try {
      const places = ['--nats', server.url, '--nats-monitor', server.monitorUrl];
      const { code, stderr } = await isola(folder, ['serve', '--listen', '127.0.0.1:0', ...places]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/sync_interval: always/);
      const blind = await isola(folder, ['serve', '--nats', server.url]);
      expect([blind.code, blind.stderr]).toEqual([2, expect.stringContaining('--nats-monitor')]);
    } finally {
      await server.kill();
    }
  });
});
