import { type Build, COORDINATOR_METRICS, Metrics } from '@isola/cluster/metrics';
import type { RpcCode } from '@isola/cluster/runtime';
import { jobs } from '@isola/cluster/wire';
import type { BookedJob, ClusterEvent } from '../jobs/index.js';
import { cellKey, type Dispatcher, type DispatcherNote } from '../scheduling/index.js';
import { stateOf } from '../services/index.js';

const { QUEUED, RUNNING, CANCELLING, SUCCEEDED, FAILED, CANCELLED } = jobs.JobState;
const STATES = [QUEUED, RUNNING, CANCELLING, SUCCEEDED, FAILED, CANCELLED];

/** What a coordinator counts as it happens, and looks up when it is asked. */
export class CoordinatorMetrics extends Metrics<typeof COORDINATOR_METRICS> {
  constructor(build: Build) {
    super(COORDINATOR_METRICS, build);
  }

  note(note: DispatcherNote): void {
    if (note.type === 'written') this.written(note.event);
    else if (note.type === 'worker-lost') this.add('isola_workers_lost_total', {});
    else if (note.type === 'cell-failed') {
      this.add('isola_cells_failed_total', { cause: note.cause });
    } else if (note.type === 'cell-computed') {
      this.observe('isola_cell_duration_seconds', {}, note.ms / 1000);
    }
  }

  refused(code: RpcCode): void {
    this.add('isola_calls_refused_total', { code });
  }

  delayed(): void {
    this.add('isola_calls_delayed_total', {});
  }

  limited(): void {
    this.add('isola_calls_limited_total', {});
  }

  /** Has a dispatcher looked at before each scrape; one that does not lead counts for nothing. */
  watch(dispatcher: Dispatcher): void {
    this.beforeScrape(() => {
      const leads = dispatcher.isDeposed ? 0 : 1;
      const { workers, slots, leased } = dispatcher.leases.capacity;
      this.set('isola_workers', {}, leads * workers);
      this.set('isola_worker_slots', {}, leads * slots);
      this.set('isola_leases', {}, leads * leased);
      this.set('isola_queue_depth', {}, leads * queueDepth(dispatcher));
      this.set('isola_paused', {}, dispatcher.paused === null ? 0 : leads);
      this.set('isola_leading', {}, leads);
      const states = dispatcher.book.all().map((booked) => {
        return stateOf(booked.job, isActive(booked, dispatcher));
      });
      for (const state of STATES) {
        const count = states.filter((each) => each === state).length;
        this.set('isola_jobs', { state: state.toLowerCase() }, leads * count);
      }
    });
  }

  private written(event: ClusterEvent): void {
    if (event.type === 'JobOpened') this.add('isola_jobs_opened_total', {});
    if (event.type !== 'JobMoved') return;
    const { event: moved } = event;
    if (moved.type === 'CellAccepted') {
      this.add('isola_cells_accepted_total', {});
      this.add('isola_evaluations_total', {}, moved.evaluations);
    } else if (moved.type === 'CellQuarantined') {
      this.add('isola_cells_quarantined_total', { cause: moved.cause });
    } else if (moved.type === 'JobDone') {
      this.add('isola_jobs_done_total', { reason: moved.reason });
    }
  }
}

function isActive({ id, job }: BookedJob, dispatcher: Dispatcher): boolean {
  return job.done === null && dispatcher.links.activities(id).length > 0;
}

function queueDepth({ book, leases }: Dispatcher): number {
  const free = book.all().flatMap(({ id, job }) => {
    return job.runnable().filter(({ input }) => leases.leasesOf(cellKey(id, input)).length === 0);
  });
  return free.length;
}
