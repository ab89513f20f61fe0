/** A coordinator with all its doors: gRPC, HTTP, metrics. */
import { hostname } from 'node:os';
import { metricsServer } from '@isola/cluster/metrics';
import { hostAndPort, type RpcCode, type TlsFiles } from '@isola/cluster/runtime';
import { gateway, unready } from '@isola/coordinator/gateway';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { CoordinatorLog, CoordinatorMetrics, measuredStore } from '@isola/coordinator/observation';
import { Dispatcher } from '@isola/coordinator/scheduling';
import { rpcServer } from '@isola/coordinator/services';
import type { Store } from '@isola/coordinator/store';
import { InputError } from '@isola/optimizers/problem';
import { kernelVersion, version } from '../version.js';
import { planDesk } from './plan-desk.js';

export interface CoordinatorPlaces {
  /** For gRPC. */
  readonly listen: string;
  /** Null: no HTTP. */
  readonly http: string | null;
  /** For metrics and probes, without TLS; null: none. */
  readonly metrics: string | null;
}

export interface RunningCoordinator {
  /** Where it listens, ports as they turned out; `https://` where there is TLS. */
  readonly places: CoordinatorPlaces;
  /** Ends the servers; the store stays open. */
  close(): Promise<void>;
}

/**
 * Takes the lead over what a store holds, and opens the doors.
 * @throws InputError where an address is taken; StoreError
 */
export async function startCoordinator(
  kept: Store<ClusterEvent>,
  places: CoordinatorPlaces,
  tls: TlsFiles | null,
  log = new CoordinatorLog(),
): Promise<RunningCoordinator> {
  const { dispatcher, ...watching } = await observed(kept, log);
  const { onRefused, ...observers } = watching;
  const doors = new Doors();
  try {
    const rpc = rpcServer(dispatcher, { address: places.listen, tls, onRefused });
    const listen = await doors.open('--listen', places.listen, rpc);
    const { http: web, metrics: scraped } = places;
    const settings = { tls, dispatcher, plans: planDesk, ...observers };
    const http = web && (await doors.open('--http', web, gateway({ address: web, ...settings })));
    const metrics = scraped && (await doors.open('--metrics', scraped, probes(scraped)));
    const scheme = tls === null ? 'http' : 'https';
    const close = () => doors.close();
    return { places: { listen, http: http && `${scheme}://${http}`, metrics }, close };
  } catch (error) {
    await doors.close();
    throw error;
  }

  function probes(address: string) {
    const unreadyNow = () => unready(dispatcher);
    return metricsServer(hostAndPort(address, '--metrics'), observers.metrics, unreadyNow);
  }
}

/** A dispatcher whose life is logged and measured. */
async function observed(kept: Store<ClusterEvent>, log: CoordinatorLog) {
  const metrics = new CoordinatorMetrics({ version, kernelVersion });
  const dispatcher = await Dispatcher.lead(measuredStore(kept, metrics), {
    ...{ name: `${hostname()}-${process.pid}`, nowMs: () => performance.now() },
    observe: (note) => {
      log.note(note);
      metrics.note(note);
    },
  });
  metrics.watch(dispatcher);
  const onRefused = (code: RpcCode) => {
    log.refused(code);
    metrics.refused(code);
  };
  return { dispatcher, log, metrics, onRefused };
}

/** Servers that are closed together, the last one first. */
class Doors {
  private readonly doors: Door[] = [];

  /** @returns where it is, its port as it turned out */
  async open(option: string, address: string, opening: Promise<Door>): Promise<string> {
    try {
      const door = await opening;
      this.doors.unshift(door);
      return `${address.slice(0, address.lastIndexOf(':'))}:${door.port}`;
    } catch (error) {
      throw isTaken(error) ? new InputError(option, taken(address)) : error;
    }
  }

  async close(): Promise<void> {
    for (const door of this.doors) await door.close();
  }
}

interface Door {
  readonly port: number;
  close(): Promise<void>;
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}

function taken(address: string): string {
  return `${address} is in use by another program; allowed: another HOST:PORT, port 0 for any`;
}
