/** A dispatcher whose store can fail, and workers that keep what they are told: for tests. */
import type { Audit, ClusterEvent, JobSpec } from '../jobs/index.js';
import { memoryStore, type Store, StoreError } from '../store/index.js';
import { Dispatcher } from './dispatcher.js';
import type { CellName, Order, WorkerLink } from './orders.js';

const spec: JobSpec = {
  ...{ jobHash: 'job', kernelVersion: 'k1', seed: 3, epochs: 2, lag: 1, targetValue: null },
  ...{ finish: false, inNeighbours: [[], []] },
};

export interface Desk {
  readonly dispatcher: Dispatcher;
  readonly store: Store<ClusterEvent>;
  readonly subject: string;
  nowMs: number;
  /** Writes that fail from here on, by the number of those that still work; null: none. */
  failsAfter: number | null;
}

/** A coordinator that leads, with a store that can be full. */
export async function lead(audit: Audit = 'none'): Promise<Desk> {
  const memory = memoryStore<ClusterEvent>();
  const desk = { nowMs: 0, failsAfter: null as number | null };
  const check = () => {
    if (desk.failsAfter === null) return;
    if (desk.failsAfter-- <= 0) throw new StoreError('full', 'no space is left');
  };
  const store: Store<ClusterEvent> = {
    ...memory,
    async putBlob(bytes) {
      check();
      return memory.putBlob(bytes);
    },
    async append(event, version) {
      check();
      await memory.append(event, version);
    },
  };
  const subject = await store.putBlob(new Uint8Array(1));
  const dispatcher = await Dispatcher.lead(store, { name: 'c', nowMs: () => desk.nowMs, audit });
  return Object.assign(desk, { dispatcher, store, subject });
}

export interface Heard extends WorkerLink {
  readonly orders: Order[];
  isClosed: boolean;
}

function link(): Heard {
  const heard: Heard = {
    ...{ orders: [], isClosed: false },
    send: (order) => void heard.orders.push(order),
    close: () => {
      heard.isClosed = true;
    },
  };
  return heard;
}

/** A worker arrives, or is back with cells that it computes. */
export function attach(
  { dispatcher }: Desk,
  name: string,
  slots: number,
  running: readonly CellName[] = [],
): Heard {
  const heard = link();
  dispatcher.attach({ name, kernelVersion: 'k1', slots, running }, heard);
  return heard;
}

/** A user has two islands without neighbours computed for two epochs, or what `changes` says. */
export const submit = (desk: Desk, changes: Partial<JobSpec> = {}, key = '') =>
  desk.dispatcher.submit({
    ...{ tenant: 't', key, subject: desk.subject, spec: { ...spec, ...changes } },
  });
