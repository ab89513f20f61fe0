/** Jobs and cells between what is stored and what goes over the wire. */
import { enclosing, jobs, type workers } from '@isola/cluster/wire';
import type { BookedJob, JobSpec } from '../jobs/index.js';
import {
  type CellName,
  type Dispatcher,
  type Lease,
  nameOf,
  type Order,
} from '../scheduling/index.js';
import type { RecentBlobs } from './recent-blobs.js';

export function specToWire(spec: JobSpec, subject: string): jobs.JobSpec {
  const { jobHash, kernelVersion, seed, epochs, inNeighbours, lag, targetValue, finish } = spec;
  return {
    ...{ jobHash, kernelVersion, seed, epochs, lag, finish, subject },
    inNeighbours: inNeighbours.map((islands) => ({ islands: [...islands] })),
    ...(targetValue !== null && { targetValue }),
  };
}

export function specFromWire(wire: jobs.JobSpec): JobSpec {
  const { jobHash, kernelVersion, seed, epochs, inNeighbours, lag, targetValue, finish } = wire;
  return {
    ...{ jobHash, kernelVersion, seed, epochs, lag, finish },
    inNeighbours: inNeighbours.map(({ islands }) => islands),
    targetValue: targetValue ?? null,
  };
}

/** Who knows how a job stands, beside what is written down. */
type JobKnower = Pick<Dispatcher, 'links' | 'leases'>;

/** A job as users are told of it. */
export function updateToWire(booked: BookedJob, dispatcher: JobKnower): jobs.JobUpdate {
  const { id, job } = booked;
  const activities = dispatcher.links.activities(id);
  return {
    jobId: id,
    state: stateOf(job, activities.length > 0),
    version: job.version,
    cellsAccepted: job.acceptedCount,
    cellsTotal: job.cellCount,
    evaluations: job.evaluations,
    bestValues: [...job.trace],
    states: job.lastCells.map(({ state }) => state),
    bestState: (job.isSearched && job.best?.state) || '',
    result: job.result?.state ?? '',
    cause: job.quarantined?.cause ?? '',
    audit: job.auditState,
    missingVersion: missingVersion(job, dispatcher.leases) ?? '',
    activities: activities.map(({ worker, progress: { cell, phase, part, detail } }) => ({
      ...{ worker, island: cell.island, epoch: cell.epoch, phase, part, detail },
    })),
  };
}

/** The kernel version that a job waits for, as no worker has it; null where it waits for none. */
export function missingVersion(
  { done, spec: { kernelVersion } }: BookedJob['job'],
  leases: Pick<Dispatcher['leases'], 'hasVersion'>,
): string | null {
  return done !== null || leases.hasVersion(kernelVersion) ? null : kernelVersion;
}

/** @param isActive whether a worker has begun with it */
export function stateOf({ done, cancelled, acceptedCount }: BookedJob['job'], isActive: boolean) {
  if (done?.reason === 'failed') return jobs.JobState.FAILED;
  if (done?.reason === 'cancelled') return jobs.JobState.CANCELLED;
  if (done !== null) return jobs.JobState.SUCCEEDED;
  if (cancelled > 0) return jobs.JobState.CANCELLING;
  return acceptedCount > 0 || isActive ? jobs.JobState.RUNNING : jobs.JobState.QUEUED;
}

export function cellToWire({ job, ...cell }: CellName): workers.Cell {
  return { jobId: job, ...cell };
}

/** @throws Error where there is none */
export function cellFromWire(cell: workers.Cell | undefined): CellName {
  if (cell === undefined) throw new Error('a message names no cell');
  const { jobId: job, island, epoch, input } = cell;
  return { job, island, epoch, input };
}

/** @param blobs those that can be enclosed */
export function orderToWire(order: Order, blobs: RecentBlobs): workers.ToWorker {
  if (order.type === 'lease') {
    const value = leaseToWire(order.lease, order.subject, order.isFinish, blobs);
    return { message: { $case: 'lease', value } };
  }
  const value = cellToWire(order.cell);
  if (order.type === 'cut-short') return { message: { $case: 'cutShort', value } };
  return { message: { $case: order.type, value } };
}

function leaseToWire(
  { cell: { job, task } }: Lease,
  subject: string,
  isFinish: boolean,
  blobs: RecentBlobs,
): workers.Lease {
  const inputs = [task.state ?? '', ...task.immigrants.map(({ emigrants }) => emigrants)];
  return {
    cell: cellToWire(nameOf(job, task)),
    ...{ seed: task.seed, isFinish, subject, state: task.state ?? '' },
    immigrants: task.immigrants.map(({ island, emigrants }) => ({ island, emigrants })),
    enclosed: inputs.flatMap((id) => blobs.get(id) ?? []).filter(enclosing()),
  };
}
