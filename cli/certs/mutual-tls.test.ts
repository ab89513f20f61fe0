/** Certificates at work: real servers and clients on loopback, right and in all ways wrong. */
import { once } from 'node:events';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import {
  type ChannelCredentials,
  credentials,
  Server,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  CLIENT_OPTIONS,
  clientCredentials,
  guard,
  type Identity,
  identityOf,
  identityUri,
  ROLES,
  type Role,
  SERVER_OPTIONS,
  serverCredentials,
  type TlsFiles,
} from '@isola/cluster/runtime';
import { BlobsClient, type BlobsServer, BlobsService, type Frame } from '@isola/proto/blobs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlternativeName, type Authority, type Holder, newAuthority } from './authority.js';
import { type Certified, certify, clusterMembers } from './development-certificates.js';

const HOUR_MS = 3600 * 1000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const valid = { notBefore: at(-1), notAfter: at(1) };

const url = (value: string): AlternativeName => ({ type: 'url', value });
const dns = (value: string): AlternativeName => ({ type: 'dns', value });
const ip = (value: string): AlternativeName => ({ type: 'ip', value });
const COORDINATOR = [url(identityUri('cluster', 'coordinator')), dns('localhost'), ip('127.0.0.1')];
/** Workers are nobody's but the cluster's. */
const tenantOf = (role: Role) => (role === 'worker' ? 'cluster' : 'clinic-2');
const WORKER = [url(identityUri('cluster', 'worker'))];
const PLANNER = [url(identityUri('a', 'planner'))];

let ours: Authority;
/** Calls itself the same. */
let other: Authority;
let coordinator: TlsFiles;

async function issued(
  alternativeNames: readonly AlternativeName[],
  more: Partial<Holder> = {},
  by = ours,
): Promise<TlsFiles> {
  const holder = { ...valid, name: 'holder', alternativeNames, isServer: false, ...more };
  const { certificate, key } = await by.issue(holder);
  return tlsOf(certificate, key);
}

function tlsOf(certificate: string, key: string, ca = ours.certificate): TlsFiles {
  return { ca: Buffer.from(ca), cert: Buffer.from(certificate), key: Buffer.from(key) };
}

const listening: Server[] = [];
const sockets: TLSSocket[] = [];

interface Listening {
  readonly port: number;
  /** What has reached the handlers. */
  readonly seen: { callers: Identity[]; bytes: number };
}

/** A server of blobs behind the guard. */
async function serve(tls: TlsFiles): Promise<Listening> {
  const seen: Listening['seen'] = { callers: [], bytes: 0 };
  const server = new Server({ ...SERVER_OPTIONS, interceptors: [guard(tls)] });
  listening.push(server);
  const handlers: BlobsServer = {
    pull: (call) => {
      seen.callers.push(identityOf(call, tls));
      call.end();
    },
    push: (call, done) => {
      seen.callers.push(identityOf(call, tls));
      call.on('data', ({ data }: Frame) => {
        seen.bytes += data.length;
      });
      call.on('end', () => done(null, { id: '' }));
    },
  };
  server.addService(BlobsService, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, seen };
}

/** Pushes some bytes and gives the answer's code; a call not answered within 1 s has run late. */
function push(address: string, as: ChannelCredentials): Promise<status> {
  return calling(address, as, (client, options, done) => {
    const call = client.push(options, done);
    call.on('error', () => {});
    call.write({ data: Buffer.alloc(1000, 1), totalBytes: 2000 });
    call.write({ data: Buffer.alloc(1000, 2), totalBytes: 0 });
    call.end();
  });
}

function pull(address: string, as: ChannelCredentials): Promise<status> {
  return calling(address, as, (client, options, done) => {
    const call = client.pull({ id: '' }, options).resume();
    call.on('error', done).on('end', () => done(null));
  });
}

/** A connection over which the server has begun to speak; what resumes it has come by then. */
async function connected(port: number, tls: TlsFiles, session?: Buffer): Promise<TLSSocket> {
  const resumed = session === undefined ? {} : { session };
  const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], ...tls, ...resumed });
  sockets.push(socket);
  await once(socket, 'data');
  return socket;
}

async function calling(
  address: string,
  as: ChannelCredentials,
  call: (
    client: BlobsClient,
    options: { readonly deadline: number },
    done: (error: ServiceError | null) => void,
  ) => void,
): Promise<status> {
  const client = new BlobsClient(address, as, CLIENT_OPTIONS);
  const error = await new Promise<ServiceError | null>((resolve) => {
    call(client, { deadline: Date.now() + 1000 }, resolve);
  });
  client.close();
  return error?.code ?? status.OK;
}

beforeAll(async () => {
  [ours, other] = await Promise.all([newAuthority('one', valid), newAuthority('one', valid)]);
  coordinator = await issued(COORDINATOR, { isServer: true });
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of listening) server.forceShutdown();
});

describe('a caller with a certificate', () => {
  it('is known to the handlers by tenant and role, whatever the server is called', async () => {
    const { port, seen } = await serve(coordinator);
    for (const role of ['viewer', 'planner', 'operator', 'worker'] as const) {
      const tenant = tenantOf(role);
      const tls = await issued([url(identityUri(tenant, role))]);
      for (const host of ['localhost', '127.0.0.1']) {
        expect(await pull(`${host}:${port}`, clientCredentials(tls))).toBe(status.OK);
        expect(seen.callers.pop()).toEqual({ tenant, role });
      }
    }
  });

  it('may make the calls of its role, and no byte of others is read', async () => {
    const { port, seen } = await serve(coordinator);
    const codes: Record<string, status> = {};
    for (const role of ROLES) {
      const tls = await issued([url(identityUri(tenantOf(role), role))]);
      codes[role] = await push(`localhost:${port}`, clientCredentials(tls));
    }
    const { OK, PERMISSION_DENIED } = status;
    expect(codes).toEqual({
      ...{ viewer: PERMISSION_DENIED, planner: OK, operator: OK, worker: OK },
      ...{ coordinator: PERMISSION_DENIED, nats: PERMISSION_DENIED },
    });
    expect(seen.callers.map(({ role }) => role)).toEqual(['planner', 'operator', 'worker']);
    expect(seen.bytes).toBe(3 * 2000);
  });

  it('may come with another client, if that knows TLS 1.3', async () => {
    const { port } = await serve(coordinator);
    const context = createSecureContext({ ...(await issued(PLANNER)), maxVersion: 'TLSv1.3' });
    const planner = credentials.createFromSecureContext(context);
    expect(await push(`localhost:${port}`, planner)).toBe(status.OK);
  });

  it('shows it on every connection, for none is resumed', async () => {
    const { port } = await serve(coordinator);
    const planner = await issued(PLANNER);
    const first = await connected(port, planner);
    const second = await connected(port, planner, first.getSession());
    expect([first.authorized, second.authorized]).toEqual([true, true]);
    expect(second.isSessionReused()).toBe(false);
  });

  it('has it from the authority for development', async () => {
    const { certified } = await certify(
      clusterMembers({ tenants: ['a'], hosts: ['::1', 'localhost'], natsHosts: [] }),
      1,
    );
    const [ca, server, _nats, ...others] = certified;
    const tls = ({ certificate, key }: Certified) => tlsOf(certificate, key, ca.certificate);
    const { port, seen } = await serve(tls(server));
    for (const member of others) {
      expect(await pull(`localhost:${port}`, clientCredentials(tls(member)))).toBe(status.OK);
      const { tenant, role } = seen.callers.at(-1) as Identity;
      expect(`isola://${tenant}/${role}`).toBe(member.identity);
    }
    expect(others.map(({ name }) => name)).toEqual([
      'worker',
      'a-planner',
      'a-viewer',
      'a-operator',
    ]);
  });
});

/** Callers that get no connection, or that get one and are nobody of ours. */
const strangers: readonly (readonly [string, status, () => Promise<ChannelCredentials>])[] = [
  ['without TLS', status.UNAVAILABLE, async () => credentials.createInsecure()],
  [
    'without a certificate',
    status.UNAVAILABLE,
    async () => credentials.createSsl(Buffer.from(ours.certificate)),
  ],
  [
    'of another authority of the same name',
    status.UNAVAILABLE,
    async () => clientCredentials(await issued(PLANNER, {}, other)),
  ],
  [
    'that vouches for itself',
    status.UNAVAILABLE,
    async () => clientCredentials(tlsOf(other.certificate, other.key)),
  ],
  [
    'with an expired certificate',
    status.UNAVAILABLE,
    async () => clientCredentials(await issued(PLANNER, { notBefore: at(-3), notAfter: at(-2) })),
  ],
  [
    'with a certificate of the future',
    status.UNAVAILABLE,
    async () => clientCredentials(await issued(PLANNER, { notBefore: at(2), notAfter: at(3) })),
  ],
  [
    'of TLS 1.2',
    status.UNAVAILABLE,
    async () => {
      const context = createSecureContext({ ...(await issued(PLANNER)), maxVersion: 'TLSv1.2' });
      return credentials.createFromSecureContext(context);
    },
  ],
  ...[
    ['with no role', [dns('localhost')]],
    ['with an unknown role', [url('isola://a/admin')]],
    ['with the role of those who need no certificate', [url('isola://local/local')]],
    ['with a tenant that is a path', [url('isola://a/b/planner')]],
    ['with two roles', [...PLANNER, url('isola://b/operator')]],
    ['with a role in a name of a host', [dns('isola://a/operator')]],
    ['with a second name inside a name', [dns('a, URI:isola://a/operator')]],
    ['with a quoted name', [dns('"a, URI:isola://a/operator"')]],
    ['with a comma after the role', [url('isola://a/operator, DNS:b')]],
    ['with a zero in the role', [url('isola://a/operator\0')]],
  ].map(
    ([name, names]) =>
      [
        ...[name as string, status.UNAUTHENTICATED],
        async () => clientCredentials(await issued(names as AlternativeName[])),
      ] as never,
  ),
];

// A busy machine may take longer than a second for anything.
describe('a caller', { retry: 2 }, () => {
  it.each(strangers)('%s is refused within 1 s, and nothing is read', async (_, code, as) => {
    const { port, seen } = await serve(coordinator);
    expect(await push(`127.0.0.1:${port}`, await as())).toBe(code);
    expect(await pull(`127.0.0.1:${port}`, await as())).toBe(code);
    expect(seen).toEqual({ callers: [], bytes: 0 });
  });
});

/** Servers to which a caller sends nothing. */
const impostors: readonly (readonly [string, () => Promise<TlsFiles>])[] = [
  ['of another name', () => issued([COORDINATOR[0], dns('elsewhere')], { isServer: true })],
  [
    'whose name stands where no name belongs',
    () => issued([COORDINATOR[0]], { isServer: true, name: 'localhost' }),
  ],
  ['that is a worker', () => issued([...WORKER, dns('localhost')], { isServer: true })],
  ['with a certificate for clients', () => issued(COORDINATOR)],
  [
    'with an expired certificate',
    () => issued(COORDINATOR, { isServer: true, notBefore: at(-3), notAfter: at(-2) }),
  ],
  ['of another authority', () => issued(COORDINATOR, { isServer: true }, other)],
];

describe('a server', { retry: 2 }, () => {
  it.each(impostors)('%s is left within 1 s, and gets nothing', async (_, tls) => {
    const { port, seen } = await serve(await tls());
    const planner = clientCredentials(await issued(PLANNER));
    expect(await push(`localhost:${port}`, planner)).toBe(status.UNAVAILABLE);
    expect(seen).toEqual({ callers: [], bytes: 0 });
  });
});
