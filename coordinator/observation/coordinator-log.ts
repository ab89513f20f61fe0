import { type Log, type LogFields, logger, type RpcCode } from '@isola/cluster/runtime';
import { type ClusterEvent, FAILURE_CAUSES, type JobDone } from '../jobs/index.js';
import type { DispatcherNote } from '../scheduling/index.js';
import { PAUSING } from '../store/index.js';

const REASONS = ['target-reached', 'epochs-done', 'cancelled', 'failed'] as const;

/** Closed lists all: causes and reasons stand in messages, as a field could hold anything. */
export const COORDINATOR_MESSAGES = [
  ...(['leading', 'deposed', 'job opened', 'job cancelled', 'results differ'] as const),
  ...REASONS.map((reason): `job done: ${JobDone['reason']}` => `job done: ${reason}`),
  ...(['worker attached', 'worker lost', 'store resumed', 'call refused', 'call failed'] as const),
  'calls limited' as const,
  ...FAILURE_CAUSES.map((cause) => `cell failed: ${cause}` as const),
  ...FAILURE_CAUSES.map((cause) => `cell quarantined: ${cause}` as const),
  ...PAUSING.map((problem) => `store paused: ${problem}` as const),
];

export type CoordinatorMessage = (typeof COORDINATOR_MESSAGES)[number];

/** What a coordinator writes about its life; cells that go well are left to the metrics. */
export class CoordinatorLog {
  constructor(private readonly log: Log<CoordinatorMessage> = toStderr()) {}

  note(note: DispatcherNote): void {
    if (note.type === 'written') this.written(note.event);
    else if (note.type === 'worker-attached') {
      this.log.info('worker attached', { worker: note.worker, count: note.slots });
    } else if (note.type === 'worker-lost') {
      this.log.warn('worker lost', { worker: note.worker });
    } else if (note.type === 'cell-failed') {
      const { job, island, epoch, input } = note.cell;
      const fields = { worker: note.worker, job, island, epoch, input };
      this.log.warn(`cell failed: ${note.cause}`, fields);
    } else if (note.type === 'paused') {
      this.log.error(`store paused: ${note.problem}`);
    } else if (note.type === 'resumed') this.log.info('store resumed');
    else if (note.type === 'deposed') this.log.warn('deposed');
  }

  refused(code: RpcCode): void {
    this.log.warn('call refused', { code });
  }

  limited(tenant: string): void {
    this.log.warn('calls limited', { tenant });
  }

  failed(error: unknown): void {
    this.log.error('call failed', { error });
  }

  private written(event: ClusterEvent): void {
    if (event.type === 'LeaderElected') this.log.info('leading', { count: event.term });
    else if (event.type === 'JobOpened') {
      this.log.info('job opened', { job: event.job, tenant: event.tenant });
    } else if (event.type === 'JobMoved') this.moved(event.event, { job: event.job });
  }

  private moved(event: JobMove, job: LogFields): void {
    if (event.type === 'JobCancelled') this.log.info('job cancelled', job);
    else if (event.type === 'JobDone') {
      this.log.info(`job done: ${event.reason}`, { ...job, epoch: event.epoch });
    } else if (event.type === 'CellQuarantined') {
      const { island, epoch, cause } = event;
      if (cause === 'results-differ') this.log.error('results differ', { ...job, island, epoch });
      this.log.error(`cell quarantined: ${cause}`, { ...job, island, epoch });
    }
  }
}

type JobMove = Extract<ClusterEvent, { type: 'JobMoved' }>['event'];

function toStderr(): Log<CoordinatorMessage> {
  return logger('coordinator', COORDINATOR_MESSAGES);
}
