/** One tenant calls without end; others, its own operators and workers are let in as ever. */
import { Agent, request } from 'node:https';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  CLIENT_OPTIONS,
  clientCredentials,
  logger,
  RETRY_AFTER,
  type TlsFiles,
} from '@isola/cluster/runtime';
import { blobs, jobs, pullBlob } from '@isola/cluster/wire';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { COORDINATOR_MESSAGES, CoordinatorLog } from '@isola/coordinator/observation';
import { memoryStore } from '@isola/coordinator/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identitiesOf } from '../certs/identities.js';
import { ClusterClient } from './cluster-client.js';
import { type RunningCoordinator, startCoordinator } from './coordinator-process.js';

const ANY = '127.0.0.1:0';
const PER_SECOND = 10;
/** What may come at once, and what then waits for its turn. */
const ADMITTED = 3 * PER_SECOND;
const FLOOD = 100;

const lines: string[] = [];
let identities: Map<string, TlsFiles>;
let coordinator: RunningCoordinator;

beforeAll(async () => {
  identities = await identitiesOf(['a', 'b']);
  const to = { write: (line: string) => void lines.push(line) };
  coordinator = (await startCoordinator(
    { store: memoryStore<ClusterEvent>(), presence: null },
    {
      ...{ listen: ANY, http: ANY, metrics: null, exchange: [] },
      ...{ audit: 'none', cellTimeoutMs: 60_000, tenantCalls: PER_SECOND },
    },
    identities.get('coordinator') as TlsFiles,
    new AbortController().signal,
    new CoordinatorLog(logger('coordinator', COORDINATOR_MESSAGES, to)),
  )) as RunningCoordinator;
});

afterAll(() => coordinator.close());

const tlsOf = (name: string) => identities.get(name) as TlsFiles;
const place = (name: string) =>
  [coordinator.places.listen, clientCredentials(tlsOf(name)), CLIENT_OPTIONS] as const;

/** The answer to a list of jobs over gRPC; null where it was given. */
function listed(client: jobs.JobsClient): Promise<ServiceError | null> {
  const deadline = { deadline: Date.now() + 10_000 };
  return new Promise((resolve) => {
    client.list({}, new Metadata(), deadline, (error) => resolve(error));
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: FLOOD });

/** Status and Retry-After of an answer over HTTP. */
function got(as: string, path: string): Promise<{ status: number; retryAfter: number }> {
  return new Promise((resolve, reject) => {
    const { ca, cert, key } = tlsOf(as);
    const options = { agent, ca, cert, key, servername: '' };
    const sent = request(`${coordinator.places.http}${path}`, options, (answer) => {
      const retryAfter = Number(answer.headers['retry-after'] ?? 0);
      answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, retryAfter }));
    });
    sent.on('error', reject).end();
  });
}

it('a flood is refused with the time to come again, and slows nobody else', async () => {
  const a = new jobs.JobsClient(...place('a-planner'));
  const others = ['b-planner', 'a-operator'].map((name) => new jobs.JobsClient(...place(name)));
  const worker = new blobs.BlobsClient(...place('worker'));
  try {
    const flood = Promise.all(Array.from({ length: FLOOD }, () => listed(a)));
    const startMs = performance.now();
    for (const client of others) expect(await listed(client)).toBeNull();
    for (let n = 0; n < 2 * ADMITTED; n++) {
      await expect(pullBlob(worker, 'f'.repeat(64))).rejects.toThrow('NOT_FOUND');
    }
    expect(performance.now() - startMs).toBeLessThan(5_000);
    const refused = (await flood).filter((error) => error !== null);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set([status.RESOURCE_EXHAUSTED]));
    expect(refused.length).toBeGreaterThanOrEqual(FLOOD - 2 * ADMITTED);
    for (const { metadata } of refused) {
      expect(Number(metadata.get(RETRY_AFTER)[0])).toBeGreaterThanOrEqual(1_000);
    }
  } finally {
    for (const client of [a, ...others, worker]) client.close();
  }
});

it('the same calls count over HTTP, whatever they ask for', async () => {
  const paths = ['/v1/jobs', '/nowhere', '/metrics', '/v1/jobs/x'];
  const flood = Array.from({ length: FLOOD }, (_, n) => got('a-viewer', paths[n % paths.length]));
  const refused = (await Promise.all(flood)).filter((answer) => answer.status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ retryAfter }) => retryAfter >= 1)).toBe(true);
  expect((await got('b-viewer', '/v1/jobs')).status).toBe(200);
});

it('a command of the tenant waits until it is let in', async () => {
  const [coordinatorAddress, credentials, channelOptions] = place('a-planner');
  const clients = Array.from(
    { length: 2 * ADMITTED },
    () => new ClusterClient({ coordinator: coordinatorAddress, credentials, channelOptions }),
  );
  const lists = await Promise.all(clients.map((client) => client.list()));
  for (const client of clients) client.close();
  expect(lists.every((list) => list.length === 0)).toBe(true);
});

it('what was refused is counted, and logged once', async () => {
  const text = await new Promise<string>((resolve) => {
    const { ca, cert, key } = tlsOf('b-viewer');
    const options = { agent, ca, cert, key, servername: '' };
    request(`${coordinator.places.http}/metrics`, options, (answer) => {
      let all = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        all += part;
      });
      answer.on('end', () => resolve(all));
    }).end();
  });
  const limited = Number(/^isola_calls_limited_total (\d+)$/m.exec(text)?.[1]);
  expect(limited).toBeGreaterThanOrEqual(FLOOD - 2 * ADMITTED);
  expect(lines.filter((line) => line.includes('calls limited'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('call refused'))).toHaveLength(0);
});
