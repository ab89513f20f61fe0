import type { JobSpec } from '@isola/coordinator/jobs';
import { contentId } from '@isola/coordinator/store';
import type { Plan } from '@isola/formats/plan';
import { toBytes } from '@isola/optimizers/islands';
import { TOPOLOGIES } from '@isola/worker/plans';
import { jobSpec } from '../local/job-spec.js';
import { kernelVersion } from '../version.js';

/**
 * The job of a plan: its search, if any, then one cell that makes the plan.
 * @param subject name of the plan's bundle, which says all that decides the result
 */
export function planJob({ search, seed }: Plan, subject: string): JobSpec {
  if (search.method === 'beam-angles') {
    const { islands, epochs, lag } = search;
    const topology = TOPOLOGIES[search.topology];
    const place = { islands, epochs, topology, lag, finish: true };
    return jobSpec({ subject, kernelVersion, seed, ...place });
  }
  const nothing = { epochs: 0, inNeighbours: [], lag: 1, targetValue: null, finish: true };
  const jobHash = contentId(toBytes({ subject, kernelVersion, seed, ...nothing }));
  return { jobHash, kernelVersion, seed, ...nothing };
}
