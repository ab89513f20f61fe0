import { type Log, logger } from '@isola/cluster/runtime';
import type { CellOutcome, WorkerNote } from '../session/index.js';

type CellFailure = Exclude<CellOutcome, 'done' | 'revoked'>;

const FAILURES: readonly CellFailure[] = [
  ...(['bad-input', 'not-finite', 'out-of-memory', 'crashed', 'worker-lost', 'blob-lost'] as const),
];

/** A closed list: why a cell has failed stands in the message, as a field could hold anything. */
const MESSAGES = [
  ...(['attached', 'coordinator lost', 'thread ended'] as const),
  ...FAILURES.map((cause): `cell failed: ${CellFailure}` => `cell failed: ${cause}`),
];

/** What a worker writes about its life; cells that go well are left to the metrics. */
export class WorkerLog {
  private readonly log: Log<(typeof MESSAGES)[number]> = logger('worker', MESSAGES);

  /** @param worker its name */
  constructor(private readonly worker: string) {}

  note(note: WorkerNote): void {
    const { log, worker } = this;
    if (note.type === 'attached') log.info('attached', { worker });
    else if (note.type === 'coordinator-lost') log.warn('coordinator lost', { worker });
    else if (note.type === 'thread-ended') log.warn('thread ended', { worker });
    if (note.type !== 'cell-ended' || note.outcome === 'done' || note.outcome === 'revoked') return;
    const { jobId: job, island, epoch, input } = note.cell;
    log.warn(`cell failed: ${note.outcome}`, { worker, job, island, epoch, input, ms: note.ms });
  }
}
