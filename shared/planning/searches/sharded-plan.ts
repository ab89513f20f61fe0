import type { Executor } from '@isola/kernels/backends';
import type { Beam } from '../beams/index.js';
import type { FluenceSpec } from './fluence-spec.js';
import { planBeams } from './plan-beams.js';
import { type PlanCosts, planCosts } from './plan-costs.js';

/** What a plan in shards is computed from: made once, for its shards and for who asks them. */
export interface ShardedPlan {
  readonly spec: FluenceSpec;
  readonly beams: readonly Beam[];
  readonly costs: PlanCosts;
  readonly executor: Executor;
}

/** How many weights there are. */
export function beamletCount({ beams }: Pick<ShardedPlan, 'beams'>): number {
  return beams.reduce((sum, { xMm }) => sum + xMm.length, 0);
}

/** @throws InputError where a plan has no beams, or no voxels to look at */
export function shardedPlan(spec: FluenceSpec, executor: Executor): ShardedPlan {
  return { spec, beams: planBeams(spec).beams, costs: planCosts(spec), executor };
}
