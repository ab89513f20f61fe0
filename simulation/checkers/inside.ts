/** What the code under test keeps to itself, for checkers that must see it. */
import type { Dispatcher, LeaseSettings, LeaseTable } from '@isola/coordinator/scheduling';

interface DispatcherInside {
  readonly links: ReadonlyMap<string, unknown>;
  readonly repairs: ReadonlyMap<string, unknown>;
  readonly arrivals: {
    readonly waiting: ReadonlyMap<string, unknown>;
    readonly arrived: unknown[];
  };
}

interface TableInside {
  readonly workers: ReadonlyMap<string, WorkerInside>;
  readonly cells: ReadonlyMap<string, CellInside>;
  readonly times: {
    readonly size: number;
    readonly paces: ReadonlyMap<string, { readonly ratios: readonly number[] }>;
    readonly settings: LeaseSettings;
  };
  readonly homes: { readonly size: number };
}

interface CellInside {
  readonly losses: readonly unknown[];
  readonly failedOn: ReadonlySet<string>;
}

interface WorkerInside {
  readonly kernelVersion: string;
  readonly slots: number;
  readonly isDraining: boolean;
  readonly leases: ReadonlyMap<string, unknown>;
}

export function isAttached(dispatcher: Dispatcher, worker: string): boolean {
  return (dispatcher as unknown as DispatcherInside).links.has(worker);
}

/**
 * Kernel versions of which a worker has room, as the table sees it. One that was ever slow may be
 * passed over.
 */
export function roomIn(leases: LeaseTable): Set<string> {
  const { workers, times } = leases as unknown as TableInside;
  const isUsual = (name: string) => {
    const { ratios } = times.paces.get(name) ?? { ratios: [] };
    return ratios.length === 0 || Math.min(...ratios) < times.settings.slowFactor;
  };
  const free = [...workers].filter(
    ([name, one]) => !one.isDraining && one.leases.size < one.slots && isUsual(name),
  );
  return new Set(free.map(([, { kernelVersion }]) => kernelVersion));
}

/**
 * Whether some cells wait though there is room: to be alone, for what is computed again, or for a
 * worker that has not failed at them.
 */
export function makesWait(dispatcher: Dispatcher): boolean {
  const { cells } = dispatcher.leases as unknown as TableInside;
  const { repairs } = dispatcher as unknown as DispatcherInside;
  const waits = ({ losses, failedOn }: CellInside) => losses.length + failedOn.size > 0;
  return repairs.size > 0 || [...cells.values()].some(waits);
}

/** Entries about jobs, of all kinds together. */
export function keptBy(dispatcher: Dispatcher): number {
  const { repairs, arrivals } = dispatcher as unknown as DispatcherInside;
  const { waiting, arrived } = arrivals;
  const { cells, times, homes } = dispatcher.leases as unknown as TableInside;
  return repairs.size + waiting.size + arrived.length + cells.size + times.size + homes.size;
}
