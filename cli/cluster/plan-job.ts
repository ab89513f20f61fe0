import type { JobSpec } from '@isola/coordinator/jobs';
import { contentId } from '@isola/coordinator/store';
import type { Plan } from '@isola/formats/plan';
import { toBytes } from '@isola/optimizers/islands';
import { iterationEnds, TOPOLOGIES } from '@isola/worker/plans';
import { jobSpec } from '../local/job-spec.js';
import { kernelVersion } from '../version.js';

/**
 * The job of a plan: its search, if any, then one cell that makes the plan.
 * @param subject name of the plan's bundle, which says all that decides the result
 */
export function planJob({ search, optimizer, seed }: Plan, subject: string): JobSpec {
  if (search.method === 'beam-angles') {
    const { islands, epochs, lag } = search;
    const topology = TOPOLOGIES[search.topology];
    const place = { islands, epochs, topology, lag, finish: true };
    return jobSpec({ subject, kernelVersion, seed, ...place });
  }
  // In shards the fluence is an island that ends where its optimisation does.
  const { shards, maxIterations } = optimizer;
  const parts = shards === 1 ? [] : iterationEnds(maxIterations);
  const inNeighbours = shards === 1 ? [] : [[]];
  const place = { epochs: parts.length, inNeighbours, lag: 1, targetValue: null, finish: true };
  const jobHash = contentId(toBytes({ subject, kernelVersion, seed, ...place }));
  return { jobHash, kernelVersion, seed, ...place };
}
