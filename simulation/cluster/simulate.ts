/** Runs a cluster from one seed, with faults until it is calm, then until all jobs have ended. */
import type { Violation } from '../checkers/index.js';
import { type FaultOptions, faultsOf } from '../faults/index.js';
import { Cluster } from './cluster.js';
import type { SimulationReport } from './simulation-report.js';

export interface SimulateOptions {
  /** Default: those of the seed. */
  readonly faults?: FaultOptions;
  /** Whether to go on after a first violation; the rest is often a consequence of it. */
  readonly goesOn?: boolean;
}

/** Until then there are faults. */
export const CALM_MS = 25_000;
/** Jobs must have ended so long after the last fault. */
const END_MS = 300_000;
/** Some times what the longest runs take: what goes round in circles is over sooner. */
const MOST_STEPS = 30_000;

/** Not two at a time: promises that nobody handles belong to the run that there is. */
export async function simulate(
  seed: number,
  { faults = faultsOf(seed), goesOn = false }: SimulateOptions = {},
): Promise<SimulationReport> {
  const violations: Violation[] = [];
  const cluster = new Cluster(seed, faults, CALM_MS, (law, detail) => {
    if (!violations.some((known) => known.law === law)) violations.push({ law, detail });
  });
  const isOver = () => cluster.isOver() || (violations.length > 0 && !goesOn);
  const restore = hearRejections((reason) =>
    violations.push({ law: 'unhandled-rejection', detail: String(reason) }),
  );
  try {
    const { timeline } = cluster;
    const isInTime = () => timeline.nowMs < CALM_MS + END_MS && timeline.steps < MOST_STEPS;
    while (!isOver() && isInTime()) await timeline.step();
    if (violations.length === 0) cluster.checkEnding();
  } finally {
    restore();
  }
  return cluster.report(violations);
}

/** Node ends a process for a promise that nobody handles; here it is one more thing to find. */
function hearRejections(heard: (reason: unknown) => void): () => void {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', heard);
  return () => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  };
}
