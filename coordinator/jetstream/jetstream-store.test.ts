import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServer, natsServerProblem, startNatsServer } from '../nats/index.js';
import { contentId, storeLaws } from '../store/index.js';
import { type JetStreamPlace, jetStreamStore } from './jetstream-store.js';

interface Numbered {
  readonly n: number;
  readonly by?: string;
}

let server: NatsServer;
let prefixes = 0;

/** A log of its own on the server. */
const newPlace = (more: Partial<JetStreamPlace> = {}): JetStreamPlace => ({
  servers: server.url,
  prefix: `log-${prefixes++}`,
  ...more,
});
const open = (place: JetStreamPlace) => jetStreamStore<Numbered>(place);
const bytes = (text: string) => new TextEncoder().encode(text);
const first = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
/** Bytes that compress badly and differ everywhere. */
const large = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i * 31 + i) >> 3);

async function restart(end: (running: NatsServer) => Promise<void>, whileDown = () => {}) {
  await end(server);
  whileDown();
  server = await startNatsServer(server.options);
}

const lacking = natsServerProblem();

beforeAll(async () => {
  if (lacking !== '') return;
  server = await startNatsServer({ folder: mkdtempSync(join(tmpdir(), 'isola-nats-')) });
});

afterAll(() => server?.kill());

describe.skipIf(lacking !== '')('jetStreamStore', () => {
  it.each(storeLaws.map((law) => [law.name, law] as const))('%s', async (_name, law) => {
    const place = newPlace();
    await law.check(() => jetStreamStore(place));
  });

  it('keeps blobs of many parts, and logs of many answers', async () => {
    const place = newPlace();
    const store = await open(place);
    for (const length of [512 << 10, (512 << 10) + 1, 5 << 20]) {
      const id = await store.putBlob(large(length));
      expect(contentId(await store.getBlob(id))).toBe(id);
    }
    for (const event of first(1100)) await store.append(event, event.n);
    expect(await store.load()).toEqual(first(1100));
    await store.close();
  });

  it('appends without having loaded, as a second coordinator that followed', async () => {
    const place = newPlace();
    const [a, b] = [await open(place), await open(place)];
    await a.append({ n: 0 }, 0);
    await b.append({ n: 1 }, 1);
    await a.append({ n: 2 }, 2);
    expect(await b.load()).toEqual(first(3));
    await Promise.all([a.close(), b.close()]);
  });

  it.each([
    ['events', { max_age: 1e12 }, 'max_age 1000000000000, not 0'],
    ['events', { discard: 'old' as const }, 'discard "old", not "new"'],
    ['blobs', { max_msgs_per_subject: 2 }, 'max_msgs_per_subject 2, not 1'],
    ['blobs', { persist_mode: 'async' as const }, 'before it has written'],
  ])('refuses a stream of %s that may lose them: %o', async (kind, config, why) => {
    const place = newPlace();
    const connection = await connect({ servers: server.url });
    const { streams } = await jetstreamManager(connection);
    const subjects = [`${place.prefix}.${kind}${kind === 'blobs' ? '.*.*' : ''}`];
    const lasting = { retention: 'limits' as const, discard: 'new' as const, allow_direct: true };
    const own =
      kind === 'blobs' ? { max_msgs_per_subject: 1 } : { deny_delete: true, deny_purge: true };
    await streams.add({ name: `${place.prefix}-${kind}`, subjects, ...lasting, ...own, ...config });
    await connection.close();
    await expect(open(place)).rejects.toMatchObject({
      problem: 'unwritable',
      message: expect.stringContaining(why),
    });
  });

  it('says where a server refuses it', async () => {
    const users = [{ user: 'coordinator', password: 'right' }];
    const folder = mkdtempSync(join(tmpdir(), 'isola-nats-'));
    const guarded = await startNatsServer({ folder, more: { authorization: { users } } });
    await expect(open(newPlace({ servers: guarded.url }))).rejects.toMatchObject({
      problem: 'unwritable',
      message: expect.stringMatching(/cannot be reached: .*authorization/i),
    });
    await guarded.kill();
  });

  it('refuses a prefix that is no name, and shows no password', async () => {
    await expect(open(newPlace({ prefix: 'a b' }))).rejects.toThrow('"a b": a prefix has letters');
    const servers = 'nats://me:secret@127.0.0.1:1';
    await expect(open(newPlace({ servers, deadlineMs: 10 }))).rejects.toThrow(
      /^nats:\/\/127.0.0.1:1: cannot be reached/,
    );
  });
});

describe.skipIf(lacking !== '')('two leaders', () => {
  it('never both have a version, and each has what it was promised', async () => {
    const place = newPlace();
    const stores = [await open(place), await open(place)];
    const won = new Map<number, Numbered>();
    const lead = async (by: string, store: (typeof stores)[0]) => {
      for (let n = 0, version = 0; n < 50; ) {
        try {
          await store.append({ n, by }, version);
          expect(won.has(version)).toBe(false);
          won.set(version++, { n: n++, by });
        } catch (error) {
          expect(error).toMatchObject({ problem: 'conflict' });
          version = (await store.load()).length;
        }
      }
    };
    await Promise.all([lead('a', stores[0]), lead('b', stores[1])]);
    expect(await stores[0].load()).toEqual(Array.from({ length: 100 }, (_, i) => won.get(i)));
    await Promise.all(stores.map((store) => store.close()));
  });

  it('are told apart also where they append the same', async () => {
    const place = newPlace();
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(place)));
    const racing = stores.map((store) => store.append({ n: 0 }, 0));
    const results = (await Promise.allSettled(racing)).map(({ status }) => status);
    expect(results.sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('hand over: who follows sees all events, of whoever appends them', async () => {
    const place = newPlace();
    const [leader, standby] = [await open(place), await open(place)];
    await leader.append({ n: 0 }, 0);
    await standby.load();
    const seen: Numbered[] = [];
    const following = (async () => {
      for await (const event of standby.follow(1)) if (seen.push(event) === 20) break;
    })();
    for (let n = 1; n <= 10; n++) await leader.append({ n }, n);
    for (let n = 11; n <= 20; n++) await standby.append({ n }, n);
    await following;
    expect(seen).toEqual(first(21).slice(1));
    await expect(leader.append({ n: 11 }, 11)).rejects.toMatchObject({ problem: 'conflict' });
    await Promise.all([leader.close(), standby.close()]);
  });

  it('hear of an event at once', async () => {
    const place = newPlace();
    const [leader, standby] = [await open(place), await open(place)];
    const following = standby.follow(0)[Symbol.asyncIterator]();
    const begin = performance.now();
    for (const event of first(20)) {
      const next = following.next();
      await leader.append(event, event.n);
      expect((await next).value).toEqual(event);
    }
    expect(performance.now() - begin).toBeLessThan(5000);
    await Promise.all([leader.close(), standby.close()]);
  });

  it('stop following when they are told to, and when they close', async () => {
    const store = await open(newPlace());
    const stop = new AbortController();
    const all = async (signal?: AbortSignal) => {
      const events: Numbered[] = [];
      for await (const event of store.follow(0, signal)) {
        events.push(event);
        stop.abort();
      }
      return events;
    };
    const both = [all(stop.signal), all()];
    await store.append({ n: 0 }, 0);
    expect(await both[0]).toEqual(first(1));
    await store.close();
    // It may have ended before it came to the event.
    expect(first(1)).toEqual(expect.arrayContaining(await both[1]));
  });
});

describe.skipIf(lacking !== '')('a server that is killed', () => {
  it('has every acknowledged event once, and every blob, and whoever waits goes on', async () => {
    const place = newPlace();
    const store = await open(place);
    const follower = await open(place);
    const seen: Numbered[] = [];
    const following = (async () => {
      for await (const event of follower.follow(0)) if (seen.push(event) === 200) break;
    })();
    const blobs: string[] = [];
    let restarted = Promise.resolve();
    for (let n = 0; n < 200; n++) {
      if (n % 50 === 25) {
        await restarted;
        restarted = restart((running) => running.kill());
      }
      const [id] = await Promise.all([store.putBlob(large(3000 + n)), store.append({ n }, n)]);
      blobs.push(id);
    }
    await restarted;
    await following;
    expect(seen).toEqual(first(200));
    const again = await open(place);
    expect(await again.load()).toEqual(first(200));
    for (const id of blobs) expect(contentId(await again.getBlob(id))).toBe(id);
    await Promise.all([store.close(), follower.close(), again.close()]);
  });

  it('is waited for until the deadline, and no longer', async () => {
    const place = newPlace({ deadlineMs: 400 });
    const store = await open(place);
    await store.append({ n: 0 }, 0);
    await restart(async (running) => {
      await running.kill();
      const works = [
        () => store.append({ n: 1 }, 1),
        () => store.load(),
        () => store.putBlob(bytes('a')),
        () => store.getBlob(contentId('a')),
        () => open(place),
      ];
      const begin = performance.now();
      const results = await Promise.allSettled(works.map((work) => work()));
      for (const result of results) {
        expect(result).toMatchObject({ status: 'rejected', reason: { problem: 'away' } });
      }
      expect(performance.now() - begin).toBeLessThan(10_000);
    });
    const again = await open({ ...place, deadlineMs: 15_000 });
    expect((await again.load()).length).toBeLessThanOrEqual(2);
    await Promise.all([store.close(), again.close()]);
  });
});

/** Between a store and its server; can lose the answer to an append, and hold back what is sent. */
async function proxy() {
  const port = Number(new URL(server.url).port);
  const sockets: Socket[] = [];
  const listener = createServer((client) => {
    const upstream = connectTo(port, '127.0.0.1');
    sockets.push(client, upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
    client.on('data', (data) => {
      if (self.isHeld) self.held.push(() => upstream.write(data));
      else upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (self.losing && /"stream":"[\w-]+", ?"seq":/.test(data.toString('latin1')))
        client.destroy();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const self = {
    url: `nats://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    losing: false,
    isHeld: false,
    held: [] as (() => void)[],
    /** Lets go what was held back. */
    release: () => {
      self.isHeld = false;
      for (const send of self.held.splice(0)) send();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(resolve));
    },
  };
  return self;
}

describe.skipIf(lacking !== '')('what a deposed leader appends', () => {
  it('is refused, with all that waits behind it, where another leads by then', async () => {
    const between = await proxy();
    const place = newPlace();
    const old = await open({ ...place, servers: between.url });
    await old.append({ n: 0 }, 0);
    between.isHeld = true;
    const sent = [1, 2, 3].map((n) => old.append({ n, by: 'old' }, n));
    const refused = Promise.allSettled(sent);
    while (between.held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const leads = await open(place);
    await leads.load();
    await leads.append({ n: 1, by: 'leads' }, 1);
    between.release();
    for (const result of await refused) {
      expect(result).toMatchObject({ status: 'rejected', reason: { problem: 'conflict' } });
    }
    await leads.append({ n: 2, by: 'leads' }, 2);
    const events = [{ n: 0 }, { n: 1, by: 'leads' }, { n: 2, by: 'leads' }];
    expect(await leads.load()).toEqual(events);
    await Promise.all([old.close(), leads.close()]);
    await between.close();
  });
});

describe.skipIf(lacking !== '')('an acknowledgement that is lost', () => {
  it('is looked up: the event is there once, and the append was right', async () => {
    const between = await proxy();
    const place = newPlace();
    const store = await open({ ...place, servers: between.url });
    await store.append({ n: 0 }, 0);
    between.losing = true;
    const appending = store.append({ n: 1 }, 1);
    const other = await open(place);
    // The other sees the event: it is stored, and only its acknowledgement is missing.
    for await (const event of other.follow(1)) {
      expect(event).toEqual({ n: 1 });
      break;
    }
    between.losing = false;
    await appending;
    await store.append({ n: 2 }, 2);
    expect(await store.load()).toEqual(first(3));
    await Promise.all([store.close(), other.close()]);
    await between.close();
  });

  it('is looked up, and what waits behind it goes on', async () => {
    const between = await proxy();
    const place = newPlace();
    const store = await open({ ...place, servers: between.url });
    await store.append({ n: 0 }, 0);
    between.losing = true;
    const events = first(20).slice(1);
    const appending = events.map((event) => store.append(event, event.n));
    const other = await open(place);
    for await (const event of other.follow(1)) {
      expect(event).toEqual({ n: 1 });
      break;
    }
    between.losing = false;
    await Promise.all(appending);
    expect(await store.load()).toEqual(first(20));
    await Promise.all([store.close(), other.close()]);
    await between.close();
  });

  it('past the deadline: the same append is right later, another is not', async () => {
    const between = await proxy();
    const store = await open(newPlace({ servers: between.url, deadlineMs: 300 }));
    between.losing = true;
    await expect(store.append({ n: 0 }, 0)).rejects.toMatchObject({ problem: 'away' });
    between.losing = false;
    const problem = /no answer within 0.3 s|has version 1, not 0/;
    await expect(store.append({ n: 7 }, 0)).rejects.toThrow(problem);
    const patiently = (): Promise<void> => store.append({ n: 0 }, 0).catch(patiently);
    await patiently();
    await expect(store.append({ n: 0 }, 0)).rejects.toMatchObject({ problem: 'conflict' });
    expect(await store.load()).toEqual(first(1));
    await store.close();
    await between.close();
  });
});

describe.skipIf(lacking !== '')('what changed on the disk of a server', () => {
  /** Changes one bit of a stream's files, in the middle of this text. */
  function flip(stream: string, text: string): void {
    const folder = join(server.options.folder, 'store/jetstream/$G/streams', stream, 'msgs');
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const content = readFileSync(file);
      const at = content.indexOf(text);
      if (at < 0) continue;
      content[at + (text.length >> 1)] ^= 4;
      writeFileSync(file, content);
      return;
    }
    throw new Error(`no file of ${stream} has ${text}`);
  }

  it('is found in a blob, which is lost then and comes back when it is kept again', async () => {
    const place = newPlace();
    const store = await open(place);
    const contents = ['the first of them', 'the middle of them', 'the last of them'];
    const ids = await Promise.all(contents.map((content) => store.putBlob(bytes(content))));
    for (const [i, content] of contents.entries()) {
      await restart(
        (running) => running.stop(),
        () => flip(`${place.prefix}-blobs`, content),
      );
      await expect(store.getBlob(ids[i])).rejects.toMatchObject({ problem: 'blob-lost' });
      for (const [j, each] of contents.entries()) {
        expect(await store.putBlob(bytes(each))).toBe(ids[j]);
        expect(contentId(await store.getBlob(ids[j]))).toBe(ids[j]);
      }
    }
    await store.close();
  });

  const refused = { problem: 'damaged', message: expect.stringMatching(/is lost or damaged/) };

  it.each([0, 5, 9])('is found in event %i by who knew it', async (n) => {
    const place = newPlace();
    const store = await open(place);
    for (const event of first(10)) await store.append(event, event.n);
    await restart(
      (running) => running.kill(),
      () => flip(`${place.prefix}-events`, `"event":{"n":${n}}`),
    );
    await expect(store.append({ n: 10 }, 10)).rejects.toMatchObject(refused);
    await expect(store.load()).rejects.toMatchObject(refused);
    await store.close();
  });

  it.each([0, 9])('is found in event %i by who starts anew, as blobs know it', async (n) => {
    const place = newPlace();
    const store = await open(place);
    for (const event of first(10)) await store.append(event, event.n);
    await store.putBlob(bytes('kept after the last event'));
    await store.close();
    await restart(
      (running) => running.kill(),
      () => flip(`${place.prefix}-events`, `"event":{"n":${n}}`),
    );
    const anew = await open(place);
    await expect(anew.load()).rejects.toMatchObject(refused);
    await anew.close();
  });

  it('is found where the server takes it for right', async () => {
    const place = newPlace();
    const store = await open(place);
    const id = await store.putBlob(bytes('right'));
    await store.append({ n: 0 }, 0);
    const connection = await connect({ servers: server.url });
    await jetstream(connection).publish(`${place.prefix}.blobs.${id}.0`, 'wrong');
    await jetstream(connection).publish(`${place.prefix}.events`, '{"n":1}');
    await connection.close();
    await expect(store.getBlob(id)).rejects.toMatchObject({ problem: 'blob-lost' });
    await expect(store.load()).rejects.toMatchObject(refused);
    await store.putBlob(bytes('right'));
    expect(contentId(await store.getBlob(id))).toBe(id);
    await store.close();
  });
});

describe.skipIf(lacking !== '')('a server without space', () => {
  it('loses nothing, says so, and goes on once there is some', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isola-nats-'));
    let small = await startNatsServer({ folder, maxStoreBytes: 1 << 20 });
    const store = await open({ servers: small.url });
    const kept: string[] = [];
    const fill = async () => {
      for (let n = 0; ; n++) {
        kept.push(await store.putBlob(large(50_000 + n)));
        await store.append({ n }, n);
      }
    };
    await expect(fill()).rejects.toMatchObject({ problem: 'full' });
    const count = (await store.load()).length;
    expect(count).toBeGreaterThan(2);
    for (const id of kept) expect(contentId(await store.getBlob(id))).toBe(id);
    await small.stop();
    small = await startNatsServer({ ...small.options, maxStoreBytes: 8 << 20 });
    await store.append({ n: count }, count);
    expect(await store.load()).toEqual(first(count + 1));
    await store.close();
    await small.kill();
  });
});
