import type { BookedJob, CellTask, JobBook } from '../jobs/index.js';
import type { BlobId } from '../store/index.js';
import { cellKey, keyOf, type OfferedCell, type Offers } from './lease.js';
import type { LeaseTable } from './lease-table.js';
import { type CellName, nameOf } from './orders.js';

/** An accepted cell whose blobs were lost. */
export interface RepairCell {
  readonly booked: BookedJob;
  readonly task: CellTask;
}

/** Audits of a job that are offered at a time. */
const MOST_AUDITS = 16;

/**
 * The cells that can be computed now, in the order in which they are to be: first what others wait
 * for, then tenant by tenant in turns, and of each job by job, beginning with those that have the
 * fewest workers: so a tenant with many jobs gets no more than one with few. A job's audits come
 * behind its other cells.
 */
export function offers(
  book: JobBook,
  repairs: ReadonlyMap<string, RepairCell>,
  leases: LeaseTable,
): Offers {
  const offered = ({ booked, task }: RepairCell): OfferedCell => ({
    job: booked.id,
    kernelVersion: booked.job.spec.kernelVersion,
    task,
    isFinish: booked.job.isFinishing(task),
  });
  // Who needs one of these would only ask for it again and again.
  const missing = new Set(blobsOf([...repairs.values()]));
  const isWhole = ({ state, immigrants }: CellTask) =>
    missing.size === 0 ||
    [state, ...immigrants.map(({ emigrants }) => emigrants)].every((id) => !missing.has(id));
  const counts = leases.countByJob();
  const tenants = new Map<string, Queue[]>();
  for (const booked of book.all().filter(({ job }) => job.done === null)) {
    const ready = booked.job.runnable().map((task) => offered({ booked, task }));
    // Those that are out already take no turn.
    const free = ready.filter(({ task }) => !leases.isHeld(cellKey(booked.id, task.input)));
    const cells = [...free, ...audits(booked, leases)].filter(({ task }) => isWhole(task));
    const queue = { leased: counts.get(booked.id) ?? 0, cells };
    const own = tenants.get(booked.tenant);
    if (own === undefined) tenants.set(booked.tenant, [queue]);
    else own.push(queue);
  }
  const queues = [...tenants.values()].map((own) => ({
    leased: own.reduce((sum, { leased }) => sum + leased, 0),
    cells: inTurns(own),
  }));
  const broken = [...repairs.values()].filter(({ task }) => isWhole(task)).map(offered);
  return {
    cells: [...broken, ...inTurns(queues)],
    isNeeded({ worker, cell }) {
      const name = nameOf(cell.job, cell.task);
      const wanted = wantedOf(book.find(cell.job), name, worker);
      // An audit of it may be wanted by now, which this lease is not.
      return repairs.has(keyOf(cell)) || (wanted !== null && wanted.except === cell.except);
    },
  };
}

interface Queue {
  /** Leases that are out already. */
  readonly leased: number;
  readonly cells: readonly OfferedCell[];
}

/** One of each queue, again and again; first of those that have the fewest leases. */
function inTurns(queues: readonly Queue[]): OfferedCell[] {
  const sorted = [...queues].sort((a, b) => a.leased - b.leased);
  const rounds = Math.max(0, ...sorted.map(({ cells }) => cells.length));
  return Array.from({ length: rounds }, (_, round) =>
    sorted.flatMap(({ cells }) => cells[round] ?? []),
  ).flat();
}

/** Cells of a job that another worker is to compute once more, and none does yet. */
export function audits({ id, job }: BookedJob, leases: LeaseTable): OfferedCell[] {
  return job
    .auditsDue()
    .filter(({ input }) => !leases.isHeld(cellKey(id, input)))
    .slice(0, MOST_AUDITS)
    .flatMap((cell) => {
      const { kernelVersion } = job.spec;
      const task = job.taskOf(cell);
      const isFinish = job.isFinishing(cell);
      return task ? [{ job: id, kernelVersion, task, isFinish, except: cell.worker }] : [];
    });
}

/** What a worker that is back computes for a job, where that is still needed. */
export function wantedOf(
  booked: BookedJob | undefined,
  cell: CellName,
  worker: string,
): OfferedCell | null {
  if (booked === undefined || booked.job.done !== null) return null;
  const { id, job } = booked;
  const task = job.taskOf(cell);
  const audited = job.auditDueOf(cell);
  const isAudit = audited !== undefined && audited.worker !== worker;
  const isNeeded = job.resultOf(cell) === undefined || isAudit;
  if (!isNeeded || task?.input !== cell.input) return null;
  const { kernelVersion } = job.spec;
  const except = isAudit ? { except: audited.worker } : {};
  return { job: id, kernelVersion, task, isFinish: job.isFinishing(cell), ...except };
}

/** What repairs make again. */
function blobsOf(repairs: readonly RepairCell[]): (BlobId | null)[] {
  const results = repairs.flatMap(({ booked, task }) => booked.job.resultOf(task) ?? []);
  return results.flatMap(({ state, emigrants }) => [state, emigrants]);
}
