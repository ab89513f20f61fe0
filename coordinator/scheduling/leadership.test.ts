/** Coordinators with one log on a real NATS server: one leads. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JetStreamStore, jetStreamStore } from '../jetstream/index.js';
import type { ClusterEvent, JobSpec } from '../jobs/index.js';
import { type NatsServer, natsServerProblem, startNatsServer } from '../nats/index.js';
import { contentId, StoreError } from '../store/index.js';
import { type LeadershipOptions, lead, type Reign } from './leadership.js';
import type { DispatcherNote } from './notes.js';

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
  const begin = (
    store: JetStreamStore<ClusterEvent>,
    name: string,
    more: Partial<LeadershipOptions> = {},
  ) =>
    lead(store, {
      ...{ name, nowMs: () => performance.now(), presence: store, silentMs: 1_500 },
      ...{ signal: new AbortController().signal, ...more },
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
    const all = stores.map((store, i) => begin(store, `c${i}`, { signal: stop.signal }));
    const winner = await Promise.race(all);
    expect(winner.dispatcher.book.leader?.term).toBe(1);
    stop.abort();
    const others = (await Promise.all(all)).filter((reign) => reign !== winner);
    expect(others).toEqual([null, null]);
    winner.end();
  });

  /** What one that leads, as soon as it can, says of its store and of its lead. */
  const hearing = (store: JetStreamStore<ClusterEvent>, name: string) => {
    const said: string[] = [];
    let isPaused: () => void = () => {};
    const paused = new Promise<void>((resolve) => {
      isPaused = resolve;
    });
    const observe = (note: DispatcherNote) => {
      said.push(note.type === 'paused' ? note.problem : note.type);
      if (note.type === 'paused') isPaused();
    };
    return { said, paused, reign: begin(store, name, { observe }) };
  };

  it('wait for servers that are away, while they stand by too, and say so once', async () => {
    let own = await startNatsServer({ folder: mkdtempSync(join(tmpdir(), 'isola-lead-')) });
    const place = { servers: own.url, deadlineMs: 500 };
    const a = await jetStreamStore<ClusterEvent>(place);
    const b = await jetStreamStore<ClusterEvent>(place);
    (await begin(a, 'a')).end();
    await a.close();
    await own.kill();
    const standby = hearing(b, 'b');
    await Promise.race([standby.paused, standby.reign]);
    // Each waits for half a second, so that the standby tries again in between.
    for (let loads = 0; loads < 4; loads++) {
      await expect(b.load()).rejects.toMatchObject({ problem: 'away' });
    }
    own = await startNatsServer(own.options);
    (await standby.reign).end();
    expect(standby.said).toEqual(['away', 'resumed', 'written']);
    await b.close();
    await own.kill();
  });

  it('do not wait where that changes nothing, as where the servers refuse them', async () => {
    const store = await storeOf(`p${prefixes++}`);
    store.load = () => Promise.reject(new StoreError('unwritable', 'the server refuses'));
    await expect(begin(store, 'a')).rejects.toMatchObject({ problem: 'unwritable' });
  });

  it('wait where the store is full, and lead once there is room', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isola-lead-'));
    let own = await startNatsServer({ folder, maxStoreBytes: 1 << 20 });
    const store = await jetStreamStore<ClusterEvent>({ servers: own.url });
    for (let bytes = 1 << 19; bytes > 0; bytes >>= 1) {
      const isKept = () =>
        store.putBlob(randomBytes(bytes)).then(
          () => true,
          () => false,
        );
      while (await isKept());
    }
    const waiting = hearing(store, 'a');
    await Promise.race([waiting.paused, waiting.reign]);
    await own.stop();
    own = await startNatsServer({ ...own.options, maxStoreBytes: 8 << 20 });
    (await waiting.reign).end();
    expect(waiting.said).toEqual(['full', 'written', 'resumed']);
    await store.close();
    await own.kill();
  });
});
