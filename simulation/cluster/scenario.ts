import { AUDITS, type Audit, type FailureCause, type JobSpec } from '@isola/coordinator/jobs';
import { contentId } from '@isola/coordinator/store';
import type { FaultOptions } from '../faults/index.js';
import type { Poison, UserPlan, WorkerManner } from '../processes/index.js';
import type { Chance } from '../time/index.js';

/** Who takes part in a run, and what is wanted of them. */
export interface Scenario {
  readonly coordinators: number;
  readonly workers: readonly WorkerManner[];
  readonly plans: readonly UserPlan[];
  /** What coordinators have audited. */
  readonly audit: Audit;
  /** By job hash, then `ISLAND@EPOCH`. */
  readonly poison: ReadonlyMap<string, ReadonlyMap<string, Poison>>;
}

const VERSIONS = ['toy 1', 'toy 2'] as const;
const CAUSES: readonly FailureCause[] = ['out-of-memory', 'not-finite', 'bad-input', 'crashed'];

export function scenarioOf(chance: Chance, faults: FaultOptions): Scenario {
  const versions = chance.happens(0.2) ? VERSIONS : VERSIONS.slice(0, 1);
  const workers = Array.from({ length: chance.between(versions.length, 4) }, (_, i) =>
    mannerOf(chance, faults, versions[i % versions.length]),
  );
  if (chance.happens(faults.liars)) workers[0] = { ...workers[0], lies: 0.2 };
  const count = chance.between(1, 3);
  const specs = Array.from({ length: count }, () => specOf(chance, chance.pick(versions)));
  const poison = new Map<string, ReadonlyMap<string, Poison>>();
  const plans = specs.map((spec, i) => {
    if (chance.happens(faults.poison)) poison.set(spec.jobHash, poisonOf(chance, spec));
    return planOf(chance, faults, spec, i);
  });
  const audit = chance.pick(AUDITS);
  return { coordinators: chance.between(2, 3), workers, plans, poison, audit };
}

function mannerOf(chance: Chance, faults: FaultOptions, kernelVersion: string): WorkerManner {
  const slow = chance.happens(faults.slowWorkers) ? 4 : 1;
  const least = chance.between(20, 400) * slow;
  return {
    ...{ kernelVersion, slots: chance.between(1, 3), lies: 0 },
    cellMs: [least, least + chance.between(0, 1_500) * slow],
    ...{ cachedBlobs: chance.between(0, 12), encloses: chance.happens(0.7) },
  };
}

function specOf(chance: Chance, kernelVersion: string): JobSpec {
  const isFinishOnly = chance.happens(0.1);
  const islands = isFinishOnly ? 0 : chance.between(1, 4);
  const seed = chance.between(0, 1_000_000);
  return {
    ...{ jobHash: contentId(`job ${seed}`), kernelVersion, seed },
    epochs: isFinishOnly ? 0 : chance.between(1, 5),
    lag: chance.between(1, 2),
    inNeighbours: Array.from({ length: islands }, () =>
      Array.from({ length: islands }, (_, other) => other).filter(() => chance.happens(0.6)),
    ),
    // Half of the islands find less than half of what they can find within an epoch.
    targetValue: chance.happens(0.25) ? chance.between(4, 60) : null,
    finish: isFinishOnly || chance.happens(0.6),
  };
}

function poisonOf(chance: Chance, { inNeighbours, epochs }: JobSpec): Map<string, Poison> {
  const island = chance.between(0, Math.max(0, inNeighbours.length - 1));
  const epoch = chance.between(0, Math.max(0, epochs - 1));
  const poison = chance.happens(0.5) ? 'kills' : chance.pick(CAUSES);
  return new Map([[`${island}@${epoch}`, poison]]);
}

function planOf(chance: Chance, faults: FaultOptions, spec: JobSpec, i: number): UserPlan {
  const hasDoubts = chance.happens(faults.doubts);
  return {
    ...{ tenant: `tenant ${chance.between(0, 1)}`, spec, startMs: chance.between(0, 15_000) },
    key: chance.happens(0.3) ? '' : `key ${i}`,
    submitsAgain: chance.happens(0.3),
    cancels: hasDoubts ? chance.between(0, 3) : 0,
    cancelMs: chance.between(10, 12_000),
    resubmits: hasDoubts && chance.happens(0.5),
  };
}
