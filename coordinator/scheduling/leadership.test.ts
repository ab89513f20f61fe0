/** Coordinators with one log on a real NATS server: one leads. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent, JobSpec } from '../jobs/index.js';
import { type NatsServer, natsServerProblem, startNatsServer } from '../nats/index.js';
import { contentId, type JetStreamStore, jetStreamStore } from '../store/index.js';
import { lead, type Reign } from './leadership.js';

const spec: JobSpec = {
  ...{ jobHash: 'plan', kernelVersion: 'k1', seed: 3, epochs: 0, lag: 1, targetValue: null },
  ...{ inNeighbours: [], finish: true },
};
const SUBJECT = new TextEncoder().encode('a plan');
const submission = { tenant: 'local', key: '', subject: contentId(SUBJECT), spec };

let server: NatsServer;
const open: { close(): Promise<void> }[] = [];
let prefixes = 0;

describe.skipIf(natsServerProblem() !== '')('coordinators of one log', () => {
  beforeAll(async () => {
    server = await startNatsServer({ folder: mkdtempSync(join(tmpdir(), 'isola-lead-')) });
  });

  afterAll(async () => {
    await Promise.all(open.map((each) => each.close()));
    await server.kill();
  });

  const storeOf = async (prefix: string) => {
    const store = await jetStreamStore<ClusterEvent>({ servers: server.url, prefix });
    open.push(store);
    return store;
  };
  const begin = (store: JetStreamStore<ClusterEvent>, name: string, signal?: AbortSignal) =>
    lead(store, {
      ...{ name, nowMs: () => performance.now(), presence: store, silentMs: 1_500 },
      signal: signal ?? new AbortController().signal,
    }) as Promise<Reign>;

  it('are led by one, and by the next when that one is silent; it then does nothing', async () => {
    const prefix = `p${prefixes++}`;
    const [a, b] = [await storeOf(prefix), await storeOf(prefix)];
    const first = await begin(a, 'a');
    await a.putBlob(SUBJECT);
    const { job } = await first.dispatcher.submit(submission);
    let isLed = false;
    const standby = begin(b, 'b').then((reign) => {
      isLed = true;
      return reign;
    });
    // Two hails later the standby still stands by.
    for (let hails = 0; hails < 2; hails++) {
      await new Promise<void>((resolve) => {
        const stop = b.onHail(() => {
          stop();
          resolve();
        });
      });
    }
    expect(isLed).toBe(false);
    first.end();
    const second = await standby;
    expect(second.dispatcher.book.leader).toMatchObject({ coordinator: 'b', term: 2 });
    expect(second.dispatcher.book.find(job)).toBeDefined();
    expect(first.dispatcher.isDeposed).toBe(false);
    await expect(first.dispatcher.cancel(job)).rejects.toMatchObject({ code: 'not-leading' });
    await first.deposed;
    expect(second.dispatcher.book.find(job)?.job.cancelled).toBe(0);
    second.end();
  });

  it('learn from hails that they are deposed, before they write anything', async () => {
    const prefix = `p${prefixes++}`;
    const [a, b] = [await storeOf(prefix), await storeOf(prefix)];
    const first = await begin(a, 'a');
    // Until the server has heard that somebody listens.
    while (!first.dispatcher.isDeposed) {
      b.hail(1);
      b.hail(2);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await first.deposed;
    expect(first.dispatcher.isDeposed).toBe(true);
  });

  it('race for an empty log, and one wins', async () => {
    const prefix = `p${prefixes++}`;
    const stores = await Promise.all([0, 1, 2].map(() => storeOf(prefix)));
    const stop = new AbortController();
    const all = stores.map((store, i) => begin(store, `c${i}`, stop.signal));
    const winner = await Promise.race(all);
    expect(winner.dispatcher.book.leader?.term).toBe(1);
    stop.abort();
    const others = (await Promise.all(all)).filter((reign) => reign !== winner);
    expect(others).toEqual([null, null]);
    winner.end();
  });
});
