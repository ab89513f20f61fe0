/** Jobs over HTTP as real plans and real certificates meet them. */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { CLIENT_OPTIONS, clientCredentials, logger, type TlsFiles } from '@isola/cluster/runtime';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { COORDINATOR_MESSAGES, CoordinatorLog } from '@isola/coordinator/observation';
import { specToWire } from '@isola/coordinator/services';
import { memoryStore } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import { bundlePlan, loadPlan } from '@isola/worker/plans';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder, isola } from '../built-command.js';
import { identitiesOf } from '../certs/identities.js';
import { ClusterClient } from './cluster-client.js';
import { type RunningCoordinator, startCoordinator } from './coordinator-process.js';
import { planDesk } from './plan-desk.js';
import { planJob } from './plan-job.js';

const EXAMPLE = new URL('../../examples/tg119-c-shape.yaml', import.meta.url);
const PLAN = readFileSync(EXAMPLE, 'utf8');
const ANY = '127.0.0.1:0';

const identities = new Map<string, TlsFiles>();
const lines: string[] = [];
let coordinator: RunningCoordinator;

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

/** Calls as whoever a certificate names; null: nobody. */
function call(as: string | null, method: 'GET' | 'POST', path: string, body = ''): Promise<Answer> {
  const { ca, cert, key } = identities.get(as ?? 'a-planner') as TlsFiles;
  const own = as === null ? {} : { cert, key };
  const type = body === '' ? {} : { 'content-type': 'application/yaml' };
  return new Promise((resolve, reject) => {
    const options = { method, ca, ...own, headers: type, servername: '' };
    const sent = request(`${coordinator.places.http}${path}`, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        resolve({ status: answer.statusCode, type: answer.headers['content-type'], text });
      });
    });
    sent.on('error', reject).end(body);
  });
}

beforeAll(async () => {
  for (const [name, tls] of await identitiesOf(['a', 'b'])) identities.set(name, tls);
  const to = { write: (line: string) => void lines.push(line) };
  coordinator = (await startCoordinator(
    { store: memoryStore<ClusterEvent>(), presence: null },
    {
      ...{ listen: ANY, http: ANY, metrics: ANY, exchange: [] },
      ...{ audit: 'plan', cellTimeoutMs: 60_000, tenantCalls: 100 },
    },
    identities.get('coordinator') as TlsFiles,
    new AbortController().signal,
    new CoordinatorLog(logger('coordinator', COORDINATOR_MESSAGES, to)),
  )) as RunningCoordinator;
});

afterAll(() => coordinator.close());

describe('over HTTP with certificates', () => {
  it('the tenant is who the certificate names, and a job of another looks absent', async () => {
    const submitted = await call('a-planner', 'POST', '/v1/jobs', PLAN);
    expect(submitted.status).toBe(202);
    const { id } = JSON.parse(submitted.text) as { id: string };
    for (const own of ['a-planner', 'a-viewer', 'a-operator']) {
      expect((await call(own, 'GET', `/v1/jobs/${id}`)).status).toBe(200);
    }
    const absent = 'f'.repeat(id.length);
    const ways = [
      ...['', '/events', '/result'].map((part) => ['GET', part] as const),
      ['POST', '/cancel'] as const,
    ];
    for (const [method, part] of ways) {
      const foreign = await call('b-planner', method, `/v1/jobs/${id}${part}`);
      expect(foreign.status).toBe(404);
      expect(foreign).toEqual(await call('b-planner', method, `/v1/jobs/${absent}${part}`));
    }
    expect(await call('b-planner', 'GET', `/v1/jobs?cursor=${id}`)).toMatchObject({ status: 404 });
    const list = await call('b-planner', 'GET', '/v1/jobs');
    expect(JSON.parse(list.text)).toEqual({ jobs: [], next: null });
    const { state } = JSON.parse((await call('a-viewer', 'GET', `/v1/jobs/${id}`)).text) as {
      state: string;
    };
    expect(state).toBe('queued');
    // The same plan of another tenant is another job.
    const other = await call('b-planner', 'POST', '/v1/jobs', PLAN);
    expect((JSON.parse(other.text) as { id: string }).id).not.toBe(id);
  });

  it('a role may do what it may do over gRPC', async () => {
    const tries = [
      ...(['a-viewer', 'worker', 'coordinator'] as const).map(
        (as) => [as, 'POST', '/v1/jobs', PLAN] as const,
      ),
      ['a-viewer', 'POST', '/v1/jobs/x/cancel', ''] as const,
      ['worker', 'GET', '/v1/jobs', ''] as const,
    ];
    for (const [as, method, path, body] of tries) {
      const { status, type } = await call(as, method, path, body);
      expect([as, status, type]).toEqual([as, 403, 'application/problem+json; charset=utf-8']);
    }
    for (const as of ['a-viewer', 'worker']) {
      expect((await call(as, 'GET', '/readyz')).status).toBe(200);
    }
    const { text } = await call('a-viewer', 'GET', '/metrics');
    const refused = `isola_calls_refused_total{code="PERMISSION_DENIED"} ${tries.length}`;
    expect(text).toContain(refused);
    expect(lines.filter((line) => line.includes('call refused'))).toHaveLength(tries.length);
    // For scrapers and probes without a certificate.
    const plain = await fetch(`http://${coordinator.places.metrics}/metrics`);
    expect(await plain.text()).toContain(refused);
  });

  it('nobody gets no connection', async () => {
    await expect(call(null, 'GET', '/healthz')).rejects.toThrow(/certificate|ECONNRESET/);
    const plain = coordinator.places.http?.replace('https', 'http');
    await expect(fetch(`${plain}/healthz`)).rejects.toThrow('fetch failed');
  });
});

describe('a real plan', () => {
  it('is one job, as text, as a bundle, and over gRPC', async () => {
    const ofText = await call('b-planner', 'POST', '/v1/jobs', PLAN);
    const loaded = await loadPlan(EXAMPLE.pathname);
    const client = new ClusterClient({
      coordinator: coordinator.places.listen,
      credentials: clientCredentials(identities.get('b-planner') as TlsFiles),
      channelOptions: CLIENT_OPTIONS,
    });
    try {
      const subject = await client.push(bundlePlan(loaded.plan, loaded.path));
      const spec = specToWire(planJob(loaded.plan, subject), subject);
      const { jobId, isNew } = await client.submit(spec);
      const ofBundle = await call('b-planner', 'POST', `/v1/jobs?subject=${subject}`);
      const ids = [ofText, ofBundle].map(({ text }) => (JSON.parse(text) as { id: string }).id);
      expect([...ids, isNew]).toEqual([jobId, jobId, false]);
    } finally {
      client.close();
    }
  });

  it.each([
    ['openkbp:pt_1', /^plan:\d+:\d+ case: needs files; allowed over HTTP: phantom:NAME, or a bun/],
    ['/etc/passwd.mat', /^plan:\d+:\d+ case: needs files/],
    ['phantom:nobody', /^plan:\d+:\d+ case: there is no phantom 'nobody'; there are /],
  ])('of the case %s is refused, at its place', async (source, message) => {
    const text = PLAN.replace('phantom:tg119-c-shape', source);
    await expect(planDesk.ofText(text)).rejects.toThrow(InputError);
    await expect(planDesk.ofText(text)).rejects.toThrow(message);
  });

  it.each([
    ['generic-6mv', 'mine.mat', /^plan:\d+:\d+ machine: needs a file; allowed over HTTP: the name/],
    ['generic-6mv', 'generic-60mv', /^plan:\d+:\d+ machine: 'generic-60mv' is not built in/],
    ['Target D95%', 'Target E95%', /^plan:\d+:\d+ goals\[0\]: 'Target E95%.*' is no goal/],
  ])('with %s changed to %s is refused, at its place', async (from, to, message) => {
    await expect(planDesk.ofText(PLAN.replace(from, to))).rejects.toThrow(message);
  });
});

describe('isola serve', () => {
  it.each([
    ['serve', '--listen'],
    ['serve', '--http'],
    ['serve', '--metrics'],
    ['worker', '--metrics'],
  ])('or worker says which address is taken, and does nothing: %s %s', async (...words) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const [command, option] = words;
    const free = command === 'serve' ? ['--listen', ANY, '--http', ANY] : [];
    const folder = emptyFolder();
    try {
      const { code, stdout, stderr } = await isola(folder, [command, ...free, option, taken]);
      expect([code, stdout, readdirSync(folder)]).toEqual([2, '', []]);
      expect(stderr).toMatch(new RegExp(`^isola: ${option}: ${taken} is in use by [^\n]+\n$`));
    } finally {
      other.close();
    }
  });

  it.each([
    [['--http', '0.0.0.0:1'], '--http: "0.0.0.0:1" needs certificates'],
    [['--http', 'off'], '--http: "off" is no address; allowed: HOST:PORT'],
    [['--metrics', '9'], '--metrics: "9" is no address; allowed: HOST:PORT'],
  ])('%s is refused in one line', async (args, line) => {
    const { code, stderr } = await isola(emptyFolder(), ['serve', '--listen', ANY, ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(`^isola: ${line}.*\n$`)]);
  });
});
