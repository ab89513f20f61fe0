import { readFileSync } from 'node:fs';
import { COORDINATOR_METRICS } from '@isola/cluster/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from '../store/index.js';
import { type ToyCluster, ToyWorker, toyCluster } from './toy-cluster.js';

const EXAMPLE = new URL('../../examples/tg119-c-shape.yaml', import.meta.url);
/** What stands in plans of careless people. */
const CANARIES = ['CANARY^JANE', 'canary-key-19700314'];
const PLAN = readFileSync(EXAMPLE, 'utf8').replaceAll('Core', CANARIES[0]);

let cluster: ToyCluster;
let text: string;
let jobs: readonly string[];

/** A series of a scrape, such as `isola_jobs{state="queued"}`, and its value. */
let series: ReadonlyMap<string, number>;

async function submit(seed: number, type = 'application/yaml'): Promise<Response> {
  const headers = { 'content-type': type, 'idempotency-key': `${CANARIES[1]}-${seed}` };
  const body = PLAN.replace('seed: 1', `seed: ${seed}`);
  return fetch(`${cluster.url}/v1/jobs`, { method: 'POST', headers, body });
}

beforeAll(async () => {
  cluster = await toyCluster(memoryStore());
  await submit(1);
  const worker = new ToyWorker(cluster.dispatcher);
  await worker.finish();
  await worker.leave();
  await submit(2);
  for (const name of ['a', 'b', 'c']) {
    const failing = new ToyWorker(cluster.dispatcher, name);
    await failing.fail('not-finite');
    await failing.leave();
  }
  await submit(3);
  await submit(4, 'text/plain');
  await submit(5, 'application/json');
  jobs = cluster.dispatcher.book.all().map(({ id }) => id);
  text = await (await fetch(`${cluster.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  series = new Map(
    lines.map((line) => {
      const [, name, value] =
        /^([a-z]\w*(?:\{(?:[a-z]\w*="[^"\\]*",?)+\})?) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)] as const;
    }),
  );
});

afterAll(() => cluster.close());

describe('the metrics', () => {
  it('are text that Prometheus reads', () => {
    for (const [name, value] of series) {
      expect(name).toBeDefined();
      expect([name, Number.isNaN(value)]).toEqual([name, false]);
    }
    const told = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(told).toEqual(expect.arrayContaining(Object.keys(COORDINATOR_METRICS)));
    expect(told).toEqual(expect.arrayContaining(['nodejs_eventloop_lag_p99_seconds']));
  });

  it('count what has happened', () => {
    expect(Object.fromEntries(series)).toMatchObject({
      'isola_jobs{state="succeeded"}': 1,
      'isola_jobs{state="failed"}': 1,
      'isola_jobs{state="queued"}': jobs.length - 2,
      'isola_jobs_done_total{reason="epochs-done"}': 1,
      'isola_jobs_done_total{reason="failed"}': 1,
      isola_jobs_opened_total: jobs.length,
      isola_cells_accepted_total: 7,
      isola_evaluations_total: 70,
      isola_cell_duration_seconds_count: 7,
      'isola_cells_quarantined_total{cause="not-finite"}': 1,
      isola_queue_depth: 2 * (jobs.length - 2),
      isola_workers: 0,
      isola_workers_lost_total: 4,
      isola_leases: 0,
      isola_paused: 0,
      isola_leading: 1,
      isola_store_append_duration_seconds_count: cluster.dispatcher.book.version,
    });
    expect(series.get('isola_cells_failed_total{cause="not-finite"}')).toBeGreaterThanOrEqual(3);
    expect(series.get('isola_blob_bytes_total{direction="in"}')).toBeGreaterThan(1000);
    const refused = 'isola_http_request_duration_seconds_count{method="POST",route="/v1/jobs"';
    expect(series.get(`${refused},status="415"}`)).toBe(1);
  });

  it('and the log name no patient; the metrics no job either', () => {
    const log = cluster.lines.join('');
    for (const told of [text, log]) {
      expect(CANARIES.filter((canary) => told.includes(canary))).toEqual([]);
      expect(told).not.toMatch(/canary|jane/i);
    }
    expect(jobs.length).toBeGreaterThan(2);
    expect(jobs.filter((id) => text.includes(id))).toEqual([]);
    expect(jobs.filter((id) => log.includes(id))).toEqual(jobs);
    expect(text).not.toMatch(/[0-9a-f]{32}/);
  });
});

describe('the log', () => {
  it('tells the story of the coordinator, in messages of its list', () => {
    const told = cluster.lines.map((line) => JSON.parse(line) as { msg: string });
    const messages = told.map(({ msg }) => msg);
    expect(messages).not.toContain('unlisted message');
    expect(messages.slice(0, 4)).toEqual([
      ...['leading', 'job opened', 'worker attached', 'job done: epochs-done'],
    ]);
    expect(messages).toEqual(
      expect.arrayContaining(['worker lost', 'cell failed: not-finite', 'job done: failed']),
    );
    expect(told.find(({ msg }) => msg.startsWith('cell failed'))).toMatchObject({
      ...{ job: jobs[1], island: 0, epoch: 0, worker: 'a' },
    });
  });
});

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { responses: Record<string, Answer> }>>;
  readonly components: { readonly schemas: Record<string, { required?: string[] }> };
}

interface Answer {
  readonly content?: Record<string, { schema?: { $ref: string } }>;
}

describe('the OpenAPI document', () => {
  it('describes every route, and refers only to what is in it', async () => {
    const answer = await fetch(`${cluster.url}/v1/openapi.json`);
    const document = (await answer.json()) as OpenApi;
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual([
      ...['/v1/jobs', '/v1/jobs/{id}', '/v1/jobs/{id}/cancel', '/v1/jobs/{id}/result'],
      ...['/v1/jobs/{id}/events', '/healthz', '/readyz', '/metrics', '/v1/openapi.json'],
    ]);
    const known = Object.keys(document.components.schemas).map((n) => `#/components/schemas/${n}`);
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    expect(new Set(refs)).toEqual(new Set(known));
    expect(document.components.schemas.Plan.required).toContain('objectives');
  });

  it('says what answers are', async () => {
    const answer = await fetch(`${cluster.url}/v1/openapi.json`);
    const { components, paths } = (await answer.json()) as OpenApi;
    const page = (await (await fetch(`${cluster.url}/v1/jobs`)).json()) as { jobs: object[] };
    const { Job, JobPage, Problem } = components.schemas;
    expect(Object.keys(page)).toEqual(JobPage.required);
    for (const job of page.jobs) expect(Object.keys(job)).toEqual(Job.required);
    const absent = await (await fetch(`${cluster.url}/v1/jobs/none`)).json();
    expect(Object.keys(absent as object)).toEqual(Problem.required);
    const { responses } = paths['/v1/jobs/{id}'].get;
    expect(responses['200'].content?.['application/json'].schema?.$ref).toMatch(/Job$/);
    expect(responses['404'].content?.['application/problem+json'].schema?.$ref).toMatch(/Problem$/);
  });
});
