import { afterEach, describe, expect, it } from 'vitest';
import { COORDINATOR_METRICS, WORKER_METRICS } from './definitions.js';
import { Metrics } from './metrics.js';
import { type MetricsServer, metricsServer } from './metrics-server.js';

const BUILD = { version: '1.2.3', kernelVersion: '1.2.3 simd' };
const worker = () => new Metrics(WORKER_METRICS, BUILD);

describe('the metrics of a process', () => {
  it('are counted, set and observed by name', async () => {
    const metrics = worker();
    metrics.add('isola_worker_cells_total', { outcome: 'done' });
    metrics.add('isola_worker_cells_total', { outcome: 'done' }, 2);
    metrics.observe('isola_worker_cell_duration_seconds', {}, 2);
    metrics.beforeScrape(() => metrics.set('isola_worker_cells_in_work', {}, 4));
    const text = await metrics.text();
    for (const line of [
      'isola_worker_cells_total{outcome="done"} 3',
      'isola_worker_cells_in_work 4',
      'isola_worker_cell_duration_seconds_bucket{le="1"} 0',
      'isola_worker_cell_duration_seconds_bucket{le="3"} 1',
      'isola_build_info{version="1.2.3",kernel_version="1.2.3 simd",node="v',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('know nothing of those of another', async () => {
    const [one, other] = [worker(), worker()];
    one.add('isola_worker_evaluations_total', {}, 5);
    expect(await one.text()).toContain('isola_worker_evaluations_total 5');
    expect(await other.text()).toContain('isola_worker_evaluations_total 0');
  });
});

describe('every metric', () => {
  const all = Object.entries({ ...COORDINATOR_METRICS, ...WORKER_METRICS });
  it.each(all)('%s has a name and labels as they should be', (name, { kind, labels, help }) => {
    expect(name).toMatch(/^isola_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    expect(kind !== 'histogram' || name.endsWith('_seconds')).toBe(true);
    expect(help).toMatch(/\.$/);
    expect(labels).not.toContain('job');
    expect(labels).not.toContain('tenant');
  });
});

describe('the server of metrics', () => {
  const servers: MetricsServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function served(unready: () => string | null): Promise<string> {
    const server = await metricsServer({ host: '127.0.0.1', port: 0 }, worker(), unready);
    servers.push(server);
    return `http://127.0.0.1:${server.port}`;
  }

  it('answers scrapes and probes', async () => {
    let why: string | null = null;
    const url = await served(() => why);
    const scrape = await fetch(`${url}/metrics`);
    expect(scrape.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
    expect(await scrape.text()).toContain('isola_build_info');
    const status = async (path: string) => (await fetch(url + path)).status;
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
    why = 'paused';
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
  });

  it('answers nothing else', async () => {
    const url = await served(() => null);
    for (const path of ['/', '/metrics/', '/v1/jobs', '/..%2fetc']) {
      expect((await fetch(url + path)).status).toBe(404);
    }
    expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(404);
  });

  it('says where an address is taken', async () => {
    const url = await served(() => null);
    const taken = { host: '127.0.0.1', port: Number(new URL(url).port) };
    await expect(metricsServer(taken, worker(), () => null)).rejects.toThrow('EADDRINUSE');
  });
});
