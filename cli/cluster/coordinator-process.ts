/** A coordinator with all its doors: gRPC, HTTP, metrics. */
import { hostname } from 'node:os';
import { metricsServer } from '@isola/cluster/metrics';
import { hostAndPort, type RpcCode, type TlsFiles } from '@isola/cluster/runtime';
import { gateway, unready } from '@isola/coordinator/gateway';
import type { Audit } from '@isola/coordinator/jobs';
import { CoordinatorLog, CoordinatorMetrics, measuredStore } from '@isola/coordinator/observation';
import { type DispatcherOptions, LEASES, lead } from '@isola/coordinator/scheduling';
import { AddressTaken, Admission, CALL_LIMITS, rpcServer } from '@isola/coordinator/services';
import { kernelVersion, version } from '../version.js';
import { notFree } from './check-free.js';
import type { OpenStore } from './open-store.js';
import { planDesk } from './plan-desk.js';

export interface CoordinatorSettings extends CoordinatorPlaces {
  /** Of jobs that are submitted here. */
  readonly audit: Audit;
  /** The longest that a worker may compute a cell. */
  readonly cellTimeoutMs: number;
  /** Calls a second that each tenant may make. */
  readonly tenantCalls: number;
}

export interface CoordinatorPlaces {
  /** For gRPC. */
  readonly listen: string;
  /** Null: no HTTP. */
  readonly http: string | null;
  /** For metrics and probes, without TLS; null: none. */
  readonly metrics: string | null;
  /** NATS servers, as workers see them. */
  readonly exchange: readonly string[];
}

export interface RunningCoordinator {
  /** Where it listens, ports as they turned out; `https://` where there is TLS. */
  readonly places: CoordinatorPlaces;
  /** Resolves when another coordinator leads. */
  readonly deposed: Promise<void>;
  /** Ends the servers; the store stays open. */
  close(): Promise<void>;
}

/**
 * Takes the lead over what a store holds, as soon as nobody else has it, and opens the doors.
 * @param signal ends the wait; null comes of it
 * @throws InputError where an address is taken; StoreError
 */
export async function startCoordinator(
  opened: Pick<OpenStore, 'store' | 'presence'>,
  { audit, cellTimeoutMs, tenantCalls, ...places }: CoordinatorSettings,
  tls: TlsFiles | null,
  signal: AbortSignal,
  log = new CoordinatorLog(),
): Promise<RunningCoordinator | null> {
  const led = await observed(
    opened,
    { audit, leases: { ...LEASES, mostMs: cellTimeoutMs } },
    log,
    signal,
  );
  if (led === null) return null;
  const { reign, onRefused, ...observers } = led;
  const { dispatcher } = reign;
  const admission = admissionOf(tenantCalls, observers);
  const doors = new Doors();
  try {
    const { http: web, metrics: scraped, exchange } = places;
    const guarded = { tls, admission };
    const rpc = rpcServer(dispatcher, {
      ...{ ...guarded, address: places.listen, exchange, onRefused },
      onFailed: (error) => observers.log.failed(error),
    });
    const listen = await doors.open('--listen', places.listen, rpc);
    const settings = { ...guarded, dispatcher, plans: planDesk, ...observers };
    const http = web && (await doors.open('--http', web, gateway({ address: web, ...settings })));
    const metrics = scraped && (await doors.open('--metrics', scraped, probes(scraped)));
    const scheme = tls === null ? 'http' : 'https';
    const close = () => {
      reign.end();
      return doors.close();
    };
    const found = { listen, http: http && `${scheme}://${http}`, metrics, exchange };
    return { places: found, deposed: reign.deposed, close };
  } catch (error) {
    reign.end();
    await doors.close();
    throw error;
  }

  function probes(address: string) {
    const unreadyNow = () => unready(dispatcher);
    return metricsServer(hostAndPort(address, '--metrics'), observers.metrics, unreadyNow);
  }
}

/** A reign that is logged and measured; null where it is not to be waited for. */
async function observed(
  { store, presence }: Pick<OpenStore, 'store' | 'presence'>,
  rules: Pick<DispatcherOptions, 'audit' | 'leases'>,
  log: CoordinatorLog,
  signal: AbortSignal,
) {
  const metrics = new CoordinatorMetrics({ version, kernelVersion });
  const reign = await lead(measuredStore(store, metrics), {
    ...{ name: `${hostname()}-${process.pid}`, nowMs: () => performance.now() },
    ...{ presence, signal, ...rules },
    observe: (note) => {
      log.note(note);
      metrics.note(note);
    },
  });
  if (reign === null) return null;
  metrics.watch(reign.dispatcher);
  const onRefused = (code: RpcCode) => {
    log.refused(code);
    metrics.refused(code);
  };
  return { reign, log, metrics, onRefused };
}

/** One for all doors, so that a tenant has its share of the process but once. */
function admissionOf(
  perSecond: number,
  { log, metrics }: { readonly log: CoordinatorLog; readonly metrics: CoordinatorMetrics },
): Admission {
  return new Admission(
    { ...CALL_LIMITS, perSecond },
    {
      onDelayed: () => metrics.delayed(),
      onLimited: (tenant, isFirst) => {
        metrics.limited();
        if (isFirst) log.limited(tenant);
      },
    },
  );
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
      throw isTaken(error) ? notFree(address, option) : error;
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
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof AddressTaken || code === 'EADDRINUSE';
}
