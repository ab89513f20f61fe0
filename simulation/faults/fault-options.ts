import { Chance } from '../time/index.js';

/**
 * What goes wrong, until it is calm. Times are means between two faults of a kind; 0 stands for
 * never, and for none.
 */
export interface FaultOptions {
  /** Part of the packets and of the calls that is lost. */
  readonly loss: number;
  /** Part of the calls that arrives twice. */
  readonly duplicates: number;
  /** Messages are late by up to so much, so that those of different streams overtake each other. */
  readonly jitterMs: number;
  /** Coordinators do not notice a stream that is silent: only that its worker is. */
  readonly unwatched: number;
  readonly resetEveryMs: number;
  /** Two hosts do not reach each other, or one does not reach the other. */
  readonly cutEveryMs: number;
  readonly fullDiskEveryMs: number;
  readonly slowDiskEveryMs: number;
  readonly lostBlobEveryMs: number;
  readonly coordinatorKillEveryMs: number;
  readonly coordinatorFreezeEveryMs: number;
  /** A standby takes over from a leader that is well. */
  readonly coupEveryMs: number;
  readonly workerKillEveryMs: number;
  readonly workerFreezeEveryMs: number;
  readonly drainEveryMs: number;
  /** Clocks are up to so many times too fast or too slow. */
  readonly clockDrift: number;
  /** Part of the workers that takes much longer for everything. */
  readonly slowWorkers: number;
  /** Part of the jobs with a cell that cannot be computed. */
  readonly poison: number;
  /** Part of the runs with a worker that tells results wrongly by one ulp. */
  readonly liars: number;
  /** Part of the users that change their minds. */
  readonly doubts: number;
}

export const ALL_FAULTS: FaultOptions = {
  ...{ loss: 0.03, duplicates: 0.1, jitterMs: 80, unwatched: 1 },
  ...{ resetEveryMs: 4_000, cutEveryMs: 8_000 },
  ...{ fullDiskEveryMs: 9_000, slowDiskEveryMs: 7_000, lostBlobEveryMs: 3_000 },
  ...{ coordinatorKillEveryMs: 8_000, coordinatorFreezeEveryMs: 9_000, coupEveryMs: 9_000 },
  ...{ workerKillEveryMs: 7_000, workerFreezeEveryMs: 9_000, drainEveryMs: 8_000 },
  ...{ clockDrift: 1, slowWorkers: 0.3, poison: 0.4, liars: 0.3, doubts: 0.5 },
};

export const NO_FAULTS = without(ALL_FAULTS, () => true);

/** The faults of a seed: each kind is there or not, so that none hides what another would show. */
export function faultsOf(seed: number): FaultOptions {
  const chance = new Chance(seed, 'swarm');
  return without(ALL_FAULTS, () => chance.happens(0.5));
}

function without(faults: FaultOptions, isOff: () => boolean): FaultOptions {
  const entries = Object.entries(faults).map(([kind, size]) => [kind, isOff() ? 0 : size]);
  return Object.fromEntries(entries) as FaultOptions;
}
