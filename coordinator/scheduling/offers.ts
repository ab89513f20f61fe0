import type { BookedJob, CellTask } from '../jobs/index.js';
import type { BlobId } from '../store/index.js';
import { cellKey, type LeaseTable, type OfferedCell } from './lease-table.js';

/** An accepted cell whose blobs were lost. */
export interface RepairCell {
  readonly booked: BookedJob;
  readonly task: CellTask;
}

/** Audits of a job that are offered at a time. */
const MOST_AUDITS = 16;

/**
 * The cells that can be computed now, in the order in which they are to be: first what others wait
 * for, then job by job in turns, beginning with jobs that have the fewest workers. A job's audits
 * come behind its other cells.
 */
export function offers(
  jobs: readonly BookedJob[],
  repairs: readonly RepairCell[],
  leases: LeaseTable,
): OfferedCell[] {
  const offered = ({ booked, task }: RepairCell): OfferedCell => ({
    job: booked.id,
    kernelVersion: booked.job.spec.kernelVersion,
    task,
  });
  // Who needs one of these would only ask for it again and again.
  const missing = new Set(blobsOf(repairs));
  const isWhole = ({ state, immigrants }: CellTask) =>
    missing.size === 0 ||
    [state, ...immigrants.map(({ emigrants }) => emigrants)].every((id) => !missing.has(id));
  const counts = leases.countByJob();
  const queues = jobs
    .filter(({ job }) => job.done === null)
    .map((booked) => ({ booked, leased: counts.get(booked.id) ?? 0 }))
    .sort((a, b) => a.leased - b.leased)
    .map(({ booked }) => {
      const cells = booked.job.runnable().map((task) => offered({ booked, task }));
      return [...cells, ...audits(booked, leases)].filter(({ task }) => isWhole(task));
    });
  const rounds = Math.max(0, ...queues.map((queue) => queue.length));
  const turns = Array.from({ length: rounds }, (_, round) =>
    queues.flatMap((queue) => queue[round] ?? []),
  );
  return [...repairs.filter(({ task }) => isWhole(task)).map(offered), ...turns.flat()];
}

/** Cells of a job that another worker is to compute once more, and none does yet. */
export function audits({ id, job }: BookedJob, leases: LeaseTable): OfferedCell[] {
  return job
    .auditsDue()
    .filter(({ input }) => leases.leasesOf(cellKey(id, input)).length === 0)
    .slice(0, MOST_AUDITS)
    .flatMap((cell) => {
      const { kernelVersion } = job.spec;
      const task = job.taskOf(cell);
      return task === undefined ? [] : [{ job: id, kernelVersion, task, except: cell.worker }];
    });
}

/** What repairs make again. */
function blobsOf(repairs: readonly RepairCell[]): (BlobId | null)[] {
  const results = repairs.flatMap(({ booked, task }) => booked.job.resultOf(task) ?? []);
  return results.flatMap(({ state, emigrants }) => [state, emigrants]);
}
