import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../jobs/index.js';
import { memoryStore, type Store, StoreError } from '../store/index.js';
import type { StreamLimits } from './event-streams.js';
import { followed } from './followed-events.js';
import { TOY_EVENTS, type ToyCluster, ToyWorker, toyCluster } from './toy-cluster.js';

const EXAMPLE = new URL('../../examples/tg119-c-shape.yaml', import.meta.url);
const PLAN = readFileSync(EXAMPLE, 'utf8');
const OTHER_PLAN = `${PLAN}\nseed: 7\n`.replace(/^seed: 1$/m, '');
const YAML = { 'content-type': 'application/yaml' };

interface Job {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly result: string | null;
}

const clusters: ToyCluster[] = [];

async function started(
  store: Store<ClusterEvent> = memoryStore(),
  streams?: StreamLimits,
): Promise<ToyCluster> {
  const cluster = await toyCluster(store, streams);
  clusters.push(cluster);
  return cluster;
}

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close();
});

function submit(
  { url }: ToyCluster,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/v1/jobs`, { method: 'POST', body, headers: { ...YAML, ...headers } });
}

async function submitted(cluster: ToyCluster, plan = PLAN): Promise<Job> {
  return (await (await submit(cluster, plan)).json()) as Job;
}

async function get<T>({ url }: ToyCluster, path: string): Promise<T> {
  return (await (await fetch(url + path)).json()) as T;
}

const problem = async (answer: Response) => {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const told = (await answer.json()) as { status: number; type: string; detail: string };
  expect(told.status).toBe(answer.status);
  return told;
};

describe('a plan that is submitted', () => {
  it('is a job, at the place that the answer names', async () => {
    const cluster = await started();
    const answer = await submit(cluster, PLAN);
    const job = (await answer.json()) as Job;
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ state: 'queued', version: 1, result: null });
    expect(await get(cluster, `/v1/jobs/${job.id}`)).toEqual(job);
  });

  it('as JSON is read as well', async () => {
    const cluster = await started();
    const json = JSON.stringify({
      ...{ case: 'phantom:tg119-c-shape', machine: 'generic-6mv', doseGridMm: 3, fractions: 25 },
      prescription: { structure: 'Target', doseGy: 50 },
      beams: { gantryDeg: [0, 120, 240], bixelMm: 5 },
      objectives: [{ structure: 'Target', type: 'squared-deviation', doseGy: 50, weight: 1 }],
    });
    expect((await submit(cluster, json, { 'content-type': 'application/json' })).status).toBe(202);
  });

  it('twice is one job, with a key or without', async () => {
    const cluster = await started();
    const key = { 'idempotency-key': 'my-plan' };
    const answers = [
      ...(await Promise.all([submit(cluster, PLAN, key), submit(cluster, PLAN, key)])),
      await submit(cluster, PLAN, key),
      await submit(cluster, PLAN),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
    expect((await get<{ jobs: Job[] }>(cluster, '/v1/jobs')).jobs).toHaveLength(1);
  });

  it('with the key of another plan is refused', async () => {
    const cluster = await started();
    const key = { 'idempotency-key': 'my-plan' };
    await submit(cluster, PLAN, key);
    const answer = await submit(cluster, OTHER_PLAN, key);
    expect(answer.status).toBe(409);
    expect((await problem(answer)).type).toBe('urn:isola:problem:already-exists');
    expect((await submit(cluster, OTHER_PLAN)).status).toBe(202);
  });

  it('as a bundle that was sent before is a job about it', async () => {
    const cluster = await started();
    const { id } = await submitted(cluster);
    const { store, book } = cluster.dispatcher;
    const subject = book.find(id)?.subject ?? '';
    const named = (blob: string, body?: string) =>
      fetch(`${cluster.url}/v1/jobs?subject=${blob}`, {
        ...{ method: 'POST', ...(body !== undefined && { body, headers: YAML }) },
      });
    expect(await (await named(subject)).json()).toMatchObject({ id });
    expect((await named('0'.repeat(64))).status).toBe(409);
    const sent = await store.putBlob(new Uint8Array(9));
    // Nobody of this tenant has sent it: it looks absent.
    expect((await named(sent)).status).toBe(409);
    cluster.dispatcher.sent.add('local', sent);
    expect((await named(sent)).status).toBe(422);
    expect((await named(subject, PLAN)).status).toBe(422);
    expect((await named('elsewhere')).status).toBe(400);
  });

  it.each([
    ['a wrong key', PLAN.replace('fractions', 'fractionz'), /plan:\d+:1 fractionz: .*fractions/],
    ['a wrong value', PLAN.replace('generic-6mv', '""'), /^plan:\d+:\d+ machine: .*allowed/],
    ['no YAML', 'case: [', /^plan:1:\d+: not valid YAML/],
    ['nothing', '', /the plan file is empty/],
  ])('with %s is refused with its place and what is allowed', async (_, text, detail) => {
    const cluster = await started();
    const answer = await submit(cluster, text);
    expect(answer.status).toBe(422);
    expect((await problem(answer)).detail).toMatch(detail);
    expect(cluster.dispatcher.book.all()).toEqual([]);
  });

  it('is refused where it is too large, of another type, or has a key that is none', async () => {
    const cluster = await started();
    const tooLarge = await submit(cluster, `${PLAN}#${' '.repeat(2 ** 20)}`);
    const form = await submit(cluster, PLAN, { 'content-type': 'text/plain' });
    const noKey = await submit(cluster, PLAN, { 'idempotency-key': 'two words' });
    expect([tooLarge.status, form.status, noKey.status]).toEqual([413, 415, 400]);
    for (const answer of [tooLarge, form, noKey]) await problem(answer);
  });
});

describe('a job', () => {
  it('is done when a worker has done its cells, and has a result then', async () => {
    const cluster = await started();
    const { id } = await submitted(cluster);
    const before = await fetch(`${cluster.url}/v1/jobs/${id}/result`);
    expect([before.status, (await problem(before)).detail]).toEqual([
      409,
      'there is no result yet',
    ]);
    await new ToyWorker(cluster.dispatcher).finish();
    const job = await get<Job>(cluster, `/v1/jobs/${id}`);
    expect(job).toMatchObject({
      ...{ state: 'succeeded', version: TOY_EVENTS, cellsAccepted: 7, cellsTotal: 7 },
      ...{ evaluations: 60, bestValues: [1, 1 / 2, 1 / 3], result: `/v1/jobs/${id}/result` },
    });
    const result = await fetch(cluster.url + job.result);
    expect(result.headers.get('content-type')).toBe('application/octet-stream');
    const blob = cluster.dispatcher.book.find(id)?.job.result?.state ?? '';
    expect(result.headers.get('etag')).toBe(`"${blob}"`);
    const kept = await cluster.dispatcher.store.getBlob(blob);
    expect(Buffer.from(await result.arrayBuffer())).toEqual(Buffer.from(kept));
  });

  it('is cancelled: first with its best so far, then at once', async () => {
    const cluster = await started();
    const worker = new ToyWorker(cluster.dispatcher);
    const { id } = await submitted(cluster);
    const cancel = async (how = '') => {
      const answer = await fetch(`${cluster.url}/v1/jobs/${id}/cancel${how}`, { method: 'POST' });
      expect(answer.status).toBe(202);
      return ((await answer.json()) as Job).state;
    };
    for (let cell = 0; cell < 2; cell++) await worker.step();
    expect([await cancel(), await cancel(), await cancel('?now=true'), await cancel()]).toEqual([
      ...['cancelling', 'cancelling', 'cancelled', 'cancelled'],
    ]);
    const result = await fetch(`${cluster.url}/v1/jobs/${id}/result`);
    expect((await problem(result)).status).toBe(404);
  });

  it('is found on one page only, the newest first', async () => {
    const cluster = await started();
    const plans = Array.from({ length: 5 }, (_, i) => OTHER_PLAN.replace('seed: 7', `seed: ${i}`));
    const ids: string[] = [];
    for (const plan of plans) ids.unshift((await submitted(cluster, plan)).id);
    const found: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null; page++) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const path = `/v1/jobs?limit=2${query}`;
      const answer = await get<{ jobs: Job[]; next: string | null }>(cluster, path);
      found.push(...answer.jobs.map(({ id }) => id));
      cursor = answer.next;
      // What arrives in between is on none of the later pages.
      if (page === 0) await submitted(cluster, OTHER_PLAN.replace('seed: 7', 'seed: 99'));
    }
    expect(found).toEqual(ids);
    expect((await fetch(`${cluster.url}/v1/jobs?cursor=none`)).status).toBe(404);
    expect((await fetch(`${cluster.url}/v1/jobs?limit=0`)).status).toBe(400);
  });

  it('that is not there is a problem, wherever one asks', async () => {
    const { url } = await started();
    const none = `${url}/v1/jobs/${'0'.repeat(32)}`;
    const answers = [
      ...(await Promise.all(['', '/events', '/result'].map((part) => fetch(none + part)))),
      await fetch(`${none}/cancel`, { method: 'POST' }),
    ];
    for (const answer of answers) {
      expect((await problem(answer)).detail).toBe('there is no such job');
      expect(answer.status).toBe(404);
    }
    expect((await fetch(`${url}/v2`)).status).toBe(404);
  });
});

describe('a follower of a job', () => {
  it('gets every event once and in order, however often the connection drops', async () => {
    const cluster = await started();
    const worker = new ToyWorker(cluster.dispatcher);
    const { id } = await submitted(cluster);
    const events: { id: string; name: string }[] = [];
    let connections = 0;
    for (let isOver = false; !isOver; connections++) {
      const known: Record<string, string> = {};
      const last = events.at(-1)?.id;
      if (last !== undefined) known['last-event-id'] = last;
      const answer = await fetch(`${cluster.url}/v1/jobs/${id}/events`, { headers: known });
      isOver = answer.status === 204;
      let count = 0;
      for await (const event of followed(answer)) {
        if (event.id === '') continue;
        events.push({ id: event.id, name: event.name });
        // What happens between two connections is missed by neither.
        await worker.step();
        if (++count === 2) break;
      }
      await worker.step();
    }
    const log = cluster.dispatcher.book.find(id)?.events ?? [];
    expect(log).toHaveLength(TOY_EVENTS);
    expect(events).toEqual(log.map(({ type }, i) => ({ id: `${i + 1}`, name: type })));
    expect(connections).toBeGreaterThan(TOY_EVENTS / 2);
  });

  it('hears of progress, and of the end', async () => {
    const cluster = await started();
    const worker = new ToyWorker(cluster.dispatcher);
    const { id } = await submitted(cluster);
    const names: string[] = [];
    for await (const { id: number, name, data } of followed(
      await fetch(`${cluster.url}/v1/jobs/${id}/events`),
    )) {
      names.push(name);
      if (name === 'progress') expect(data).toMatchObject({ id, state: expect.any(String) });
      expect(number === '').toBe(name === 'progress');
      if (name === 'JobSubmitted') await worker.finish();
    }
    expect([names[0], names[1], names.at(-1)]).toEqual(['progress', 'JobSubmitted', 'JobDone']);
  });

  it('may know only what there is', async () => {
    const cluster = await started();
    const { id } = await submitted(cluster);
    for (const [last, status] of [
      ['2', 422],
      ['-1', 400],
      ['two', 400],
    ] as const) {
      const headers = { 'last-event-id': last };
      const answer = await fetch(`${cluster.url}/v1/jobs/${id}/events`, { headers });
      expect([last, answer.status]).toEqual([last, status]);
      await problem(answer);
    }
  });

  it('is one of a limited number, and makes room when it leaves', async () => {
    const cluster = await started(memoryStore(), { all: 9, ofTenant: 2 });
    const { id } = await submitted(cluster);
    const follow = () => fetch(`${cluster.url}/v1/jobs/${id}/events`);
    const [first, second] = [await follow(), await follow()];
    const third = await follow();
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(third.headers.get('retry-after')).toBe('5');
    await first.body?.cancel();
    await expect.poll(async () => (await follow()).status).toBe(200);
  });
});

/** A store in memory that takes no events while it is full. */
function fillableStore(): { store: Store<ClusterEvent>; fill(isFull: boolean): void } {
  const store = memoryStore<ClusterEvent>();
  let isFull = false;
  const { append, putBlob } = store;
  const check = () => {
    if (isFull) throw new StoreError('full', '/secret/place: the disk is full');
  };
  const refusing: Store<ClusterEvent> = {
    ...store,
    append: async (event, version) => {
      check();
      await append(event, version);
    },
    putBlob: async (bytes) => {
      if (new TextDecoder().decode(bytes).includes('room')) check();
      return putBlob(bytes);
    },
  };
  return {
    store: refusing,
    fill: (now) => {
      isFull = now;
    },
  };
}

describe('a coordinator', () => {
  it('is not ready while its store is full, and says so', async () => {
    const { store, fill } = fillableStore();
    const cluster = await started(store);
    const ready = async () => (await fetch(`${cluster.url}/readyz`)).status;
    expect(await ready()).toBe(200);
    fill(true);
    const refused = await submit(cluster, PLAN);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await problem(refused)).detail).toBe('the store of the coordinator: full');
    const unready = await fetch(`${cluster.url}/readyz`);
    expect(unready.status).toBe(503);
    expect((await problem(unready)).detail).toMatch(/^paused/);
    expect((await fetch(`${cluster.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${cluster.url}/metrics`)).text()).toContain('isola_paused 1');
    fill(false);
    await cluster.dispatcher.tick();
    expect(await ready()).toBe(200);
    expect((await submit(cluster, PLAN)).status).toBe(202);
    const log = cluster.lines.join('');
    expect(log).toMatch(/store paused: full.*store resumed/s);
    expect(log).not.toContain('secret');
  });

  it('is not ready where another one leads', async () => {
    const store = memoryStore<ClusterEvent>();
    const [old] = [await started(store), await started(store)];
    expect((await submit(old, PLAN)).status).toBe(503);
    const ready = await fetch(`${old.url}/readyz`);
    expect((await problem(ready)).detail).toBe('another coordinator leads');
    expect(old.lines.join('')).toContain('deposed');
  });

  it('answers programs of this machine only, and no page of another origin', async () => {
    const { url } = await started();
    const call = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(`${url}/v1/jobs`, { headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
    const { host } = new URL(url);
    expect(await call({})).toBe(200);
    expect(await call({ origin: url })).toBe(200);
    expect(await call({ host: 'localhost:7072' })).toBe(200);
    expect(await call({ host: 'rebound.example' })).toBe(403);
    expect(await call({ host, origin: 'https://elsewhere.example' })).toBe(403);
    expect(await call({ host, origin: 'null' })).toBe(403);
  });
});
