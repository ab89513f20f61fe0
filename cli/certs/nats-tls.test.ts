/** Certificates at work between the cluster and its NATS servers: right, and in all ways wrong. */
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import {
  identityUri,
  type NatsRole,
  natsConnection,
  type TlsFiles,
  tlsPaths,
} from '@isola/cluster/runtime';
import { type JetStreamStore, jetStreamStore } from '@isola/coordinator/jetstream';
import {
  checkNatsServers,
  type NatsServer,
  natsServerProblem,
  securedFor,
  startNatsCluster,
  startNatsServer,
} from '@isola/coordinator/nats';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder, isola } from '../built-command.js';
import { type AlternativeName, type Authority, type Holder, newAuthority } from './authority.js';

/** Where it is tried again it takes 15 s. */
const AT_ONCE_MS = 5_000;
const HOUR_MS = 3600 * 1000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const valid = { notBefore: at(-1), notAfter: at(1) };
const url = (value: string): AlternativeName => ({ type: 'url', value });
const HERE: AlternativeName[] = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' },
];
const COORDINATOR = url(identityUri('cluster', 'coordinator'));
const WORKER = [url(identityUri('cluster', 'worker'))];
const NATS = [url(identityUri('cluster', 'nats')), ...HERE];

interface Event {
  readonly n: number;
}

let ours: Authority;
let other: Authority;
let server: NatsServer;
let coordinator: TlsFiles;
let worker: TlsFiles;
let store: JetStreamStore<Event>;
const servers: NatsServer[] = [];

async function issued(
  alternativeNames: readonly AlternativeName[],
  more: Partial<Holder> = {},
  by = ours,
): Promise<TlsFiles> {
  const holder = { ...valid, name: 'holder', alternativeNames, isServer: false, ...more };
  const { certificate, key } = await by.issue(holder);
  const [ca, cert] = [Buffer.from(ours.certificate), Buffer.from(certificate)];
  return { ca, cert, key: Buffer.from(key) };
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'isola-nats-tls-'));

/** Files as `isola certs` lays them. */
function laid({ ca, cert, key }: TlsFiles) {
  const paths = tlsPaths(newFolder(), 'nats');
  writeFileSync(paths.ca, ca);
  writeFileSync(paths.cert, cert);
  writeFileSync(paths.key, key);
  return paths;
}

async function started(tls: TlsFiles, more: object = {}): Promise<NatsServer> {
  const one = await startNatsServer({
    folder: newFolder(),
    more: { ...securedFor(laid(tls)), ...more },
  });
  servers.push(one);
  return one;
}

/** One try to connect, as long as it takes. */
async function connected(
  role: NatsRole,
  tls: TlsFiles | null,
  more: object = {},
): Promise<NatsConnection> {
  const options = natsConnection([server.url], role, tls);
  return connect({ ...options, maxReconnectAttempts: 0, ...more });
}

/** Bytes of messages that a server has been sent. */
async function bytesIn({ monitorUrl }: NatsServer): Promise<number> {
  const response = await fetch(`${monitorUrl}/varz`);
  return ((await response.json()) as { in_bytes: number }).in_bytes;
}

describe.skipIf(natsServerProblem() !== '')('the NATS servers of a cluster', () => {
  beforeAll(async () => {
    [ours, other] = await Promise.all([newAuthority('one', valid), newAuthority('one', valid)]);
    coordinator = await issued([COORDINATOR]);
    worker = await issued(WORKER);
    server = await started(await issued(NATS, { isServer: true }));
    store = await jetStreamStore<Event>({ servers: server.url, tls: coordinator });
  });

  afterAll(async () => {
    await store?.close();
    await Promise.all(servers.map((one) => one.kill()));
  });

  it('keep what a coordinator gives them, and tell it what comes', async () => {
    const bytes = Buffer.alloc(2 << 20, 7);
    await store.append({ n: 0 }, 0);
    const id = await store.putBlob(bytes);
    const again = await jetStreamStore<Event>({
      servers: server.url.replace('127.0.0.1', 'localhost'),
      tls: coordinator,
    });
    expect(await again.load()).toEqual([{ n: 0 }]);
    expect((await again.getBlob(id)).length).toBe(bytes.length);
    const hailed = new Promise((resolve) => again.onHail(resolve));
    // The subscription has reached the server once an answer to a later question has come.
    await again.load();
    store.hail(7);
    expect(await hailed).toBe(7);
    await again.close();
  });

  it('carry what workers ask each other', async () => {
    const [asks, answers] = await Promise.all([
      connected('worker', worker),
      connected('worker', await issued(WORKER)),
    ]);
    answers.subscribe('isola.exchange.sum', {
      callback: (_, said) => void said.respond(said.data),
    });
    await answers.flush();
    const large = Buffer.alloc(1 << 20, 3);
    expect((await asks.request('isola.exchange.sum', large)).data.length).toBe(large.length);
    await Promise.all([asks.close(), answers.close()]);
  });

  it.each([
    ...['isola.events', 'isola.blobs.x.0', 'isola.alive', 'isola.exchange', 'a', '$SYS.REQ.X'],
    ...['$JS.API.INFO', '$JS.API.STREAM.INFO.isola-events', '$JS.API.STREAM.DELETE.isola-events'],
    ...['$JS.API.STREAM.MSG.GET.isola-events', '$JS.API.DIRECT.GET.isola-blobs.isola.blobs.x.0'],
    ...['$JS.API.CONSUMER.CREATE.isola-events', '_INBOX.coordinator.x.y'],
  ])('take nothing from a worker on %s', async (subject) => {
    const connection = await connected('worker', worker);
    await expect(connection.request(subject, '{}', { timeout: 5000 })).rejects.toThrow(
      `Permissions Violation for Publish to "${subject}"`,
    );
    await connection.close();
    expect(await store.load()).toEqual([{ n: 0 }]);
  });

  it.each([
    ...['>', 'isola.>', 'isola.events', 'isola.appended', 'isola.blobs.*.*', '*.exchange.>'],
    ...['_INBOX.>', '_INBOX.coordinator.>', '_INBOX.*.>', '$JS.>', '$SYS.>'],
  ])('tell a worker nothing of %s', async (subject) => {
    const connection = await connected('worker', worker);
    const error = await new Promise((resolve) => {
      connection.subscribe(subject, { callback: resolve });
    });
    expect(String(error)).toContain(`Permissions Violation for Subscription to "${subject}"`);
    await connection.close();
  });

  it.each([
    ...['$JS.API.STREAM.DELETE.isola-events', '$JS.API.STREAM.PURGE.isola-blobs'],
    ...['$JS.API.STREAM.UPDATE.isola-events', '$JS.API.STREAM.MSG.DELETE.isola-events'],
    ...['$JS.API.STREAM.CREATE.other', '$JS.API.STREAM.SNAPSHOT.isola-events', 'other.events'],
  ])('take from a coordinator no %s', async (subject) => {
    const connection = await connected('coordinator', coordinator);
    await expect(connection.request(subject, '{}', { timeout: 5000 })).rejects.toThrow(
      `Permissions Violation for Publish to "${subject}"`,
    );
    await connection.close();
  });

  const strangers: readonly (readonly [string, () => Promise<TlsFiles>])[] = [
    ['of another authority of the same name', () => issued(WORKER, {}, other)],
    ['that has expired', () => issued(WORKER, { notBefore: at(-3), notAfter: at(-2) })],
    ['of the future', () => issued(WORKER, { notBefore: at(2), notAfter: at(3) })],
    ['of a planner', () => issued([url(identityUri('a', 'planner'))])],
    ['of a worker of a tenant', () => issued([url(identityUri('a', 'worker'))])],
    ['of a NATS server', () => issued(NATS, { isServer: true })],
    ['of nobody', () => issued(HERE, { name: identityUri('cluster', 'coordinator') })],
  ];

  it.each(strangers)('refuse a certificate %s before anything is said', async (_, tls) => {
    const before = await bytesIn(server);
    await expect(connected('worker', await tls())).rejects.toThrow(/alert|Authorization/);
    const place = { servers: server.url, tls: await tls() };
    await expect(jetStreamStore(place)).rejects.toMatchObject({
      problem: 'unwritable',
      message: expect.stringMatching(/^nats:\S+: cannot be reached: [\w ]+$/),
    });
    expect(await bytesIn(server)).toBe(before);
  });

  it('refuse who has no certificate, no TLS, an old TLS, or another name to tell', async () => {
    const before = await bytesIn(server);
    const { tls } = natsConnection([server.url], 'worker', worker);
    const { ca, checkServerIdentity } = tls as NonNullable<typeof tls>;
    const bare = { tls: { handshakeFirst: true, ca, checkServerIdentity } };
    await expect(connected('worker', worker, bare)).rejects.toThrow(/certificate required/);
    const old = { tls: { ...tls, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } };
    await expect(connected('worker', worker, old)).rejects.toThrow(/protocol version/);
    await expect(connected('worker', null)).rejects.toThrow(/connecting|closed/);
    const named = { user: identityUri('cluster', 'coordinator'), pass: 'x' };
    await expect(connected('worker', worker, named)).rejects.toThrow(/Authorization/);
    expect(await bytesIn(server)).toBe(before);
  });

  const impostors: readonly (readonly [string, () => Promise<TlsFiles>])[] = [
    ['of another authority', () => issued(NATS, { isServer: true }, other)],
    ['with another name', () => issued([NATS[0]], { isServer: true })],
    ['that is a coordinator', () => issued([COORDINATOR, ...HERE], { isServer: true })],
    ['that is a worker', () => issued([...WORKER, ...HERE], { isServer: true })],
    ['with a certificate for clients', () => issued(NATS)],
    [
      'with an expired certificate',
      () => issued(NATS, { isServer: true, notBefore: at(-3), notAfter: at(-2) }),
    ],
  ];

  it.each(impostors)('are left at once where one is none: %s', async (_, tls) => {
    const monitor = '127.0.0.1:-1';
    const impostor = await started(await tls(), { https: monitor, http: undefined });
    const place = { servers: impostor.url, tls: coordinator };
    const startMs = performance.now();
    await expect(jetStreamStore(place)).rejects.toThrow(/cannot be reached: .*certificate/);
    expect(performance.now() - startMs).toBeLessThan(AT_ONCE_MS);
    const secure = impostor.monitorUrl.replace('http:', 'https:');
    await expect(checkNatsServers([secure], coordinator)).rejects.toThrow(/certificate/);
  });

  it('have a monitor that is asked over https by who knows their authority', async () => {
    const tls = await issued(NATS, { isServer: true });
    const one = await started(tls, { https: '127.0.0.1:-1', http: undefined });
    const secure = one.monitorUrl.replace('http:', 'https:');
    await checkNatsServers([secure], coordinator);
    await expect(checkNatsServers([secure])).rejects.toThrow('certificate');
  });

  it('let no server among them without a certificate of one', async () => {
    const paths = laid(await issued(NATS, { isServer: true }));
    const three = await startNatsCluster(newFolder(), 3, paths);
    servers.push(...three);
    const place = { servers: three.map((one) => one.url), replicas: 3, tls: coordinator } as const;
    const kept = await jetStreamStore<Event>(place);
    await kept.append({ n: 0 }, 0);
    await three[0].kill();
    await kept.append({ n: 1 }, 1);
    expect(await kept.load()).toEqual([{ n: 0 }, { n: 1 }]);
    await kept.close();
    const [, { options }] = three;
    const { routes } = (options.more as { cluster: { routes: readonly string[] } }).cluster;
    for (const tls of [worker, coordinator, await issued(NATS, { isServer: true }, other)]) {
      expect(await routeAnswer(routes[1], tls)).toMatch(/Authorization Violation|^$/);
    }
    expect(await routeAnswer(routes[1], await issued(NATS, { isServer: true }))).toMatch(/PONG/);
  });
});

/** What a server says to who would be another server of its cluster. */
function routeAnswer(route: string, tls: TlsFiles): Promise<string> {
  const { hostname, port } = new URL(route);
  const secure = connectTls({ host: hostname, port: Number(port), ...tls });
  let heard = '';
  secure.on('error', () => {});
  secure.write('CONNECT {"name":"x","cluster":"isola"}\r\nPING\r\n');
  return new Promise((resolve) => {
    secure.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      if (/PONG|-ERR/.test(heard)) secure.destroy();
    });
    secure.on('close', () => resolve(heard));
  });
}

describe('isola serve', () => {
  const refused = async (...args: readonly string[]) => {
    const folder = emptyFolder();
    const place = ['serve', '--listen', '127.0.0.1:0', '--http', 'none'];
    const { code, stdout, stderr } = await isola(folder, [...place, ...args]);
    expect([code, stdout, readdirSync(folder)]).toEqual([2, '', []]);
    return stderr;
  };
  const MONITOR = ['--nats-monitor', 'http://127.0.0.1:8222'];
  const TWICE = `${MONITOR[1]},${MONITOR[1]}`;

  it.each([
    [['--nats', 'nats://10.0.0.1:4222', ...MONITOR], '--nats: "10.0.0.1:4222" needs certificates'],
    [['--nats', 'n1:4222', ...MONITOR], '--nats: "n1:4222" is no such URL; allowed: nats://HOST'],
    [['--nats', 'nats://127.0.0.1', ...MONITOR], '"127.0.0.1" is no address; allowed: HOST:PORT'],
    [
      ['--nats', 'nats://127.0.0.1:4222', '--nats-monitor', 'http://10.0.0.1:8222'],
      '--nats-monitor: "http://10.0.0.1:8222" may be anybody; allowed: https://',
    ],
    [
      ['--nats', 'nats://127.0.0.1:4222', '--nats-monitor', 'https://127.0.0.1:8222'],
      '--nats-monitor: "https://127.0.0.1:8222" may be anybody; allowed: https:// with --certs',
    ],
    [
      ['--nats', 'nats://127.0.0.1:4222,nats://127.0.0.1:4223', ...MONITOR],
      '--nats-monitor: has 1, --nats 2; allowed: a URL for each server',
    ],
    [
      ['--nats', 'nats://127.0.0.1:4222', '--nats-monitor', `${MONITOR[1]},http://127.0.0.1:8223`],
      '--nats-monitor: has 2, --nats 1; allowed: a URL for each server',
    ],
    [
      ['--nats', 'nats://127.0.0.1:4222,nats://127.0.0.1:4223', '--nats-monitor', TWICE],
      '--nats-monitor: has 1, --nats 2; allowed: a URL for each server',
    ],
    [['--exchange', 'nats://10.0.0.1:4222'], '--exchange: "10.0.0.1:4222" needs certificates'],
  ])('refuses %o in one line', async (args, line) => {
    const stderr = await refused(...args);
    expect(stderr).toContain(line);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  it('repeats no password', async () => {
    const guarded = 'nats://me:secret@127.0.0.1:4222';
    const monitor = 'http://me:secret@127.0.0.1:8222';
    for (const args of [
      ['--nats', guarded, ...MONITOR],
      ['--nats', 'nats://127.0.0.1:4222', '--nats-monitor', monitor],
      ['--exchange', guarded],
    ]) {
      const stderr = await refused(...args);
      expect(stderr).toContain('a URL has a user or a password; allowed: ');
      expect(stderr).not.toContain('secret');
    }
  });
});
