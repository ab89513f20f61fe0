import { type Build, Metrics, WORKER_METRICS } from '@isola/cluster/metrics';
import type { WorkerNote, WorkerSession } from '../session/index.js';

/** What a worker counts as it happens, and looks up when it is asked. */
export class WorkerMetrics extends Metrics<typeof WORKER_METRICS> {
  constructor(build: Build) {
    super(WORKER_METRICS, build);
  }

  note(note: WorkerNote): void {
    if (note.type === 'attached') this.set('isola_worker_attached', {}, 1);
    else if (note.type === 'coordinator-lost') this.set('isola_worker_attached', {}, 0);
    else if (note.type === 'blob') {
      this.add('isola_worker_blob_bytes_total', { direction: note.direction }, note.bytes);
    } else if (note.type === 'exchanged') {
      this.add('isola_worker_exchange_bytes_total', { direction: note.direction }, note.bytes);
    } else if (note.type === 'corrupted') this.add('isola_worker_exchange_corrupted_total', {});
    else if (note.type === 'thread-ended') this.add('isola_worker_threads_ended_total', {});
    else {
      this.add('isola_worker_cells_total', { outcome: note.outcome });
      this.add('isola_worker_evaluations_total', {}, note.evaluations);
      if (note.outcome !== 'done') return;
      this.observe('isola_worker_cell_duration_seconds', {}, note.ms / 1000);
    }
  }

  /** Has a session looked at before each scrape. */
  watch(session: WorkerSession): void {
    this.beforeScrape(() => this.set('isola_worker_cells_in_work', {}, session.cellsInWork));
  }
}
