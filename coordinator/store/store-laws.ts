/**
 * What is true of every store, wherever it keeps things: each implementation's test walks this
 * list. A law rejects where it is broken.
 */
import { deepEqual, equal, notEqual, rejects } from 'node:assert/strict';
import { contentId } from './content-id.js';
import type { Store } from './store.js';
import type { StoreProblem } from './store-error.js';

/** Opens a store: each call of one `Place` the same, as after a restart. */
export type Place = () => Promise<Store<LawEvent>>;

export interface LawEvent {
  readonly type: string;
  readonly n: number;
  readonly more?: unknown;
}

export interface StoreLaw {
  readonly name: string;
  /** Whether it closes and opens again, which a store without a place cannot do. */
  readonly reopens: boolean;
  check(place: Place): Promise<void>;
}

const event = (n: number): LawEvent => ({
  type: 'happened',
  n,
  more: { text: 'ä "\n\u0000', x: 1 / 3 },
});
const bytes = (text: string) => new TextEncoder().encode(text);
const refused = (work: Promise<unknown>, problem: StoreProblem) => rejects(work, { problem });

async function filled(store: Store<LawEvent>, count: number): Promise<LawEvent[]> {
  const events = Array.from({ length: count }, (_, n) => event(n));
  for (const [n, each] of events.entries()) await store.append(each, n);
  return events;
}

const lasting: readonly Omit<StoreLaw, 'reopens'>[] = [
  {
    name: 'starts empty and gives back its events in order',
    async check(place) {
      const store = await place();
      deepEqual(await store.load(), []);
      const events = await filled(store, 20);
      deepEqual(await store.load(), events);
      await store.close();
    },
  },
  {
    name: 'refuses an event behind another version, and is unmoved by it',
    async check(place) {
      const store = await place();
      const events = await filled(store, 2);
      for (const version of [0, 1, 3, -1])
        await refused(store.append(event(9), version), 'conflict');
      deepEqual(await store.load(), events);
      await store.append(event(2), 2);
      await store.close();
    },
  },
  {
    name: 'takes exactly one of many that race for a version',
    async check(place) {
      const store = await place();
      for (let version = 0; version < 5; version++) {
        const racing = Array.from({ length: 10 }, (_, n) => store.append(event(n), version));
        const won = (await Promise.allSettled(racing)).filter(
          ({ status }) => status === 'fulfilled',
        );
        equal(won.length, 1);
      }
      equal((await store.load()).length, 5);
      await store.close();
    },
  },
  {
    name: 'keeps events that are begun together in their order',
    async check(place) {
      const store = await place();
      const events = Array.from({ length: 50 }, (_, n) => event(n));
      await Promise.all(events.map((each, n) => store.append(each, n)));
      deepEqual(await store.load(), events);
      await store.close();
    },
  },
  {
    name: 'keeps none behind an event that is refused',
    async check(place) {
      const store = await place();
      const together = [
        store.append(event(0), 0),
        store.append(event(1), 0),
        ...[2, 3].map((n) => store.append(event(n), n)),
      ];
      const outcomes = await Promise.allSettled(together);
      deepEqual(
        outcomes.map(({ status }) => status === 'fulfilled'),
        [true, false, false, false],
      );
      deepEqual(await store.load(), [event(0)]);
      await store.append(event(4), 1);
      await store.close();
    },
  },
  {
    name: 'hands out copies',
    async check(place) {
      const store = await place();
      const mine = bytes('blob');
      const id = await store.putBlob(mine);
      mine[0] = 0;
      (await store.getBlob(id))[0] = 0;
      deepEqual(Uint8Array.from(await store.getBlob(id)), bytes('blob'));
      const given = { type: 'happened', n: 1, more: { list: [1] } };
      await store.append(given, 0);
      given.more.list.push(2);
      ((await store.load()) as LawEvent[]).push(event(5));
      deepEqual(await store.load(), [{ type: 'happened', n: 1, more: { list: [1] } }]);
      await store.close();
    },
  },
  {
    name: 'names blobs by their content, and takes the same again',
    async check(place) {
      const store = await place();
      const contents = ['', 'a', 'b', 'a'.repeat(100_000)].map(bytes);
      const ids = await Promise.all([...contents, ...contents].map((blob) => store.putBlob(blob)));
      deepEqual(ids, [...contents, ...contents].map(contentId));
      notEqual(ids[0], ids[1]);
      for (const [i, blob] of contents.entries()) {
        deepEqual(Uint8Array.from(await store.getBlob(ids[i])), blob);
      }
      await store.close();
    },
  },
  {
    name: 'says of a blob that it does not have that it is lost',
    async check(place) {
      const store = await place();
      await refused(store.getBlob(contentId('nothing')), 'blob-lost');
      await refused(store.getBlob('../events.log'), 'blob-lost');
      const id = await store.putBlob(bytes('something'));
      const asked = [contentId('nothing'), '../events.log', id];
      deepEqual(await Promise.all(asked.map((each) => store.hasBlob(each))), [false, false, true]);
      await store.close();
    },
  },
  {
    name: 'does nothing once it is closed',
    async check(place) {
      const store = await place();
      await store.close();
      await store.close();
      await refused(store.load(), 'closed');
      await refused(store.append(event(0), 0), 'closed');
      await refused(store.putBlob(bytes('a')), 'closed');
      await refused(store.getBlob(contentId('a')), 'closed');
      await refused(store.hasBlob(contentId('a')), 'closed');
    },
  },
];

const reopening: readonly Omit<StoreLaw, 'reopens'>[] = [
  {
    name: 'has it all when it is opened again, and goes on',
    async check(place) {
      let store = await place();
      const id = await store.putBlob(bytes('kept'));
      const events = await filled(store, 3);
      for (let n = 3; n < 6; n++) {
        await store.close();
        store = await place();
        deepEqual(await store.load(), events);
        deepEqual(Uint8Array.from(await store.getBlob(id)), bytes('kept'));
        events.push(event(n));
        await store.append(event(n), n);
      }
      await store.close();
    },
  },
  {
    name: 'ends what was begun before it closes',
    async check(place) {
      const store = await place();
      const begun = [
        store.append(event(0), 0),
        store.putBlob(bytes('a')),
        store.append(event(1), 1),
      ];
      await store.close();
      await Promise.all(begun);
      const again = await place();
      deepEqual(await again.load(), [event(0), event(1)]);
      await again.getBlob(contentId(bytes('a')));
      await again.close();
    },
  },
];

export const storeLaws: readonly StoreLaw[] = [
  ...lasting.map((law) => ({ ...law, reopens: false })),
  ...reopening.map((law) => ({ ...law, reopens: true })),
];
