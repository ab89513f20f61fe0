/** The cells of a plan in shards: each goes on with its optimisation for some iterations. */
import type { MessagePort } from 'node:worker_threads';
import type { Executor } from '@isola/kernels/backends';
import type { Advance } from '@isola/optimizers/islands';
import type { ShardRange } from '@isola/planning/problem';
import {
  advanceSharded,
  type FluenceEvents,
  type FluenceSpec,
  PlanShards,
  type ShardedPlan,
  type ShardedState,
  shardedPlan,
} from '@isola/planning/searches';
import { LedShards, serveShards } from '../shards/index.js';

/** A lost cell costs so many iterations, or a quarter of those before it. */
const FIRST_ITERATIONS = 25;
const GROWTH = 4;

/** Iterations that end with each cell, up to the last. */
export function iterationEnds(maxIterations: number): number[] {
  const ends: number[] = [];
  for (let end = 0; end < maxIterations; ends.push(end)) {
    end = Math.min(end + Math.max(FIRST_ITERATIONS, Math.ceil(end / GROWTH)), maxIterations);
  }
  return ends;
}

export interface ShardCells {
  /** @param company leads to others that help; null: there are none */
  advance(company: MessagePort | null, events: FluenceEvents): Advance<ShardedState, never>;
  /** Answers for some of the shards, as it is told through a port, until that closes. */
  help(port: MessagePort, range: ShardRange): Promise<void>;
}

export function shardCells(spec: FluenceSpec, executor: Executor): ShardCells {
  const ends = iterationEnds(spec.maxIterations);
  let known: ShardedPlan | null = null;
  /** Made with the first cell: what is wrong with it is said of that. */
  const plan = () => {
    known ??= shardedPlan(spec, executor);
    return known;
  };
  /** What was built lately; shards are at one point of one run, so one has them at a time. */
  let idle: PlanShards | null = null;
  const withShards = async <T>(use: (shards: PlanShards) => Promise<T>): Promise<T> => {
    const shards = idle ?? new PlanShards(plan());
    idle = null;
    try {
      return await use(shards);
    } finally {
      idle = shards;
    }
  };
  return {
    advance:
      (company, events) =>
      async ({ epoch, state }) => {
        if (state !== null && state.run.status !== 'running') {
          const { value } = state.run;
          return { state, emigrants: [], statistics: { value, evaluations: 0 } };
        }
        return withShards(async (shards) => {
          const led = company && (await LedShards.begin(company, shards, spec.shards));
          const iterations = ends[epoch] - (state?.run.iterations ?? 0);
          const all = led ?? shards;
          const after = await advanceSharded(plan(), state, iterations, all, events);
          led?.end();
          const { value, evaluations } = after.run;
          const before = state?.run.evaluations ?? 0;
          const statistics = { value, evaluations: evaluations - before };
          return { state: after, emigrants: [], statistics };
        });
      },
    help: (port, range) => withShards((shards) => serveShards(port, shards, range)),
  };
}
