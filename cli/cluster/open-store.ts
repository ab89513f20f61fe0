import type { ClusterEvent } from '@isola/coordinator/jobs';
import { checkNatsServer } from '@isola/coordinator/nats';
import type { Presence } from '@isola/coordinator/scheduling';
import { fileStore, jetStreamStore, type Store } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import { checkWritable } from '../results/output-folder.js';

export interface StoreOptions {
  /** A folder, for one coordinator. */
  readonly store: string;
  /** URLs of NATS servers, separated by commas: for several coordinators. */
  readonly nats?: string;
  /** URLs of their monitors. */
  readonly natsMonitor?: string;
}

export interface OpenStore {
  readonly store: Store<ClusterEvent>;
  /** Null: no other coordinator can have it open. */
  readonly presence: Presence | null;
  /** Where it is, for a user. */
  readonly place: string;
}

/** From so many servers on, the log lies on three of them. */
const REPLICATED = 3;

/**
 * Opens what a coordinator keeps its jobs in.
 * @throws StoreError, and where a server would lose what it acknowledged; InputError
 */
export async function openStore({ store: folder, nats, natsMonitor }: StoreOptions) {
  if (nats === undefined) {
    checkWritable(folder, '--store');
    const store = await fileStore<ClusterEvent>(folder);
    return { store, presence: null, place: folder } satisfies OpenStore;
  }
  if (natsMonitor === undefined) {
    const why = 'only a monitor tells whether a server keeps what it acknowledges';
    throw new InputError('--nats-monitor', `is missing; allowed: a URL for each server: ${why}`);
  }
  const servers = nats.split(',');
  const monitors = natsMonitor.split(',');
  for (const monitor of monitors) await checkNatsServer(monitor);
  const replicas = servers.length >= REPLICATED ? 3 : 1;
  const store = await jetStreamStore<ClusterEvent>({ servers, monitors, replicas });
  return { store, presence: store, place: nats } satisfies OpenStore;
}
