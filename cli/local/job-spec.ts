import type { JobSpec } from '@isola/coordinator/jobs';
import { contentId } from '@isola/coordinator/store';
import { routesOf, type Topology, toBytes } from '@isola/optimizers/islands';

export interface JobSettings {
  /** All else that decides the result: the completed plan, settings of the search. Plain data. */
  readonly subject: unknown;
  /** Of the code that computes cells, with the kind of its arithmetic. */
  readonly kernelVersion: string;
  readonly seed: number;
  readonly islands: number;
  readonly epochs: number;
  readonly topology: Topology;
  readonly lag: number;
  /** Done at the first sealed epoch whose best is this or lower. Default: none. */
  readonly targetValue?: number;
  /** Whether one more cell makes a result of the best state. Default: no. */
  readonly finish?: boolean;
}

/**
 * A job under the hash of all that decides its result: change any of it and it is another job.
 * @throws InputError unless there is an island and a lag of 1 or more
 */
export function jobSpec(settings: JobSettings): JobSpec {
  const { subject, kernelVersion, seed, islands, epochs, topology, lag } = settings;
  const routes = routesOf(topology, islands, lag);
  const targetValue = settings.targetValue ?? null;
  const { finish = false } = settings;
  const decisive = { kernelVersion, seed, epochs, ...routes, targetValue, finish };
  const jobHash = contentId(toBytes({ subject, topology: topology.name, ...decisive }));
  return { jobHash, ...decisive };
}
