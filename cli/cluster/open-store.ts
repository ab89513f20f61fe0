import {
  addressIn,
  hostAndPort,
  isLoopback,
  natsServers,
  type TlsFiles,
} from '@isola/cluster/runtime';
import { jetStreamStore } from '@isola/coordinator/jetstream';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { checkNatsServers } from '@isola/coordinator/nats';
import type { Presence } from '@isola/coordinator/scheduling';
import { fileStore, type Store } from '@isola/coordinator/store';
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
  /** The NATS servers that keep it. */
  readonly servers: readonly string[];
}

/** From so many servers on, the log lies on three of them. */
const REPLICATED = 3;

/**
 * Opens what a coordinator keeps its jobs in.
 * @param tls who it is to the servers; null: nobody, and the servers are on this machine
 * @throws StoreError, and where a server would lose what it acknowledged; InputError
 */
export async function openStore(
  { store: folder, nats, natsMonitor }: StoreOptions,
  tls: TlsFiles | null,
) {
  if (nats === undefined) {
    checkWritable(folder, '--store');
    const store = await fileStore<ClusterEvent>(folder);
    return { store, presence: null, place: folder, servers: [] } satisfies OpenStore;
  }
  if (natsMonitor === undefined) {
    const why = 'only a monitor tells whether a server keeps what it acknowledges';
    throw new InputError('--nats-monitor', `is missing; allowed: a URL for each server: ${why}`);
  }
  const servers = [...natsServers(nats, tls, '--nats')];
  const monitors = natsMonitor.split(',');
  for (const monitor of monitors) checkMonitor(monitor, tls);
  const count = new Set(monitors).size;
  if (count !== servers.length) {
    const found = `has ${count}, --nats ${servers.length}; allowed: a URL for each server`;
    throw new InputError('--nats-monitor', found);
  }
  await checkNatsServers(monitors, tls);
  const replicas = servers.length >= REPLICATED ? 3 : 1;
  const store = await jetStreamStore<ClusterEvent>({ servers, monitors, replicas, tls });
  return { store, presence: store, place: nats, servers } satisfies OpenStore;
}

/** @throws InputError where its answer could be anybody's */
function checkMonitor(url: string, tls: TlsFiles | null): void {
  const address = addressIn(url, ['http', 'https'], '--nats-monitor');
  const { host } = hostAndPort(address, '--nats-monitor');
  if (url.startsWith('https:') ? tls !== null : isLoopback(host)) return;
  const allowed = 'https:// with --certs, or http:// on this machine';
  throw new InputError('--nats-monitor', `"${url}" may be anybody; allowed: ${allowed}`);
}
