/**
 * Every metric of ours: name, meaning, labels. Base units; a label's values are a closed list,
 * never a job's or a patient's. docs/observability/README.md explains them, and a test compares.
 */

export interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram: upper ends. */
  readonly buckets?: readonly number[];
}

export type Definitions = Readonly<Record<string, Definition>>;

/** From a kernel's blink to an hour of searching. */
const CELL_SECONDS = [0.01, 0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600];
/** From memory to a disk that is about to fail. */
const DISK_SECONDS = [0.0001, 0.0005, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const HTTP_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

const counter = (help: string, ...labels: string[]) => ({ kind: 'counter', help, labels }) as const;
const gauge = (help: string, ...labels: string[]) => ({ kind: 'gauge', help, labels }) as const;
const histogram = (help: string, buckets: readonly number[], ...labels: string[]) =>
  ({ kind: 'histogram', help, labels, buckets }) as const;

/** Of every process. */
const PROCESS = {
  isola_build_info: gauge('1; which program this is.', 'version', 'kernel_version', 'node'),
} satisfies Definitions;

export const COORDINATOR_METRICS = {
  ...PROCESS,
  isola_jobs: gauge('Jobs that are known, by state.', 'state'),
  isola_jobs_opened_total: counter('Jobs that were new.'),
  isola_jobs_done_total: counter('Jobs that have ended, by reason.', 'reason'),
  isola_cells_accepted_total: counter('Cells whose result counts.'),
  isola_cells_failed_total: counter('Times a worker could not compute a cell.', 'cause'),
  isola_cells_quarantined_total: counter('Cells that were given up, and jobs with them.', 'cause'),
  isola_cell_duration_seconds: histogram('From the lease of a cell to its result.', CELL_SECONDS),
  isola_evaluations_total: counter('Costs computed in accepted cells.'),
  isola_queue_depth: gauge('Cells that could be computed and are with no worker.'),
  isola_leases: gauge('Cells that are with workers, second copies included.'),
  isola_workers: gauge('Workers that are attached.'),
  isola_worker_slots: gauge('Cells that attached workers can compute at a time.'),
  isola_workers_lost_total: counter('Times a worker has left or was lost.'),
  isola_paused: gauge('1 while the store takes nothing.'),
  isola_leading: gauge('1 while this coordinator leads.'),
  isola_store_append_duration_seconds: histogram('Writing one event down.', DISK_SECONDS),
  isola_store_errors_total: counter('Times the store has failed.', 'problem'),
  isola_blob_bytes_total: counter('Bytes of blobs kept (in) and read (out).', 'direction'),
  isola_calls_refused_total: counter(
    'Calls refused for who made them, or for what was sent.',
    'code',
  ),
  isola_calls_delayed_total: counter('Calls that have waited, as their tenant makes many.'),
  isola_calls_limited_total: counter('Calls refused, as their tenant makes too many.'),
  isola_http_request_duration_seconds: histogram(
    'Answers of the HTTP gateway; streams of events are not among them.',
    HTTP_SECONDS,
    ...['method', 'route', 'status'],
  ),
  isola_http_event_streams: gauge('Followers of jobs over HTTP.'),
} satisfies Definitions;

export const WORKER_METRICS = {
  ...PROCESS,
  isola_worker_attached: gauge('1 while a coordinator answers.'),
  isola_worker_cells_in_work: gauge('Cells that are being computed or sent.'),
  isola_worker_cells_total: counter('Cells that have ended, by how.', 'outcome'),
  isola_worker_cell_duration_seconds: histogram(
    'Computing one cell, without fetching and sending.',
    CELL_SECONDS,
  ),
  isola_worker_threads_ended_total: counter('Threads ended, as a cell did not stop.'),
  isola_worker_evaluations_total: counter('Costs computed.'),
  isola_worker_blob_bytes_total: counter('Bytes of blobs fetched (in), sent (out).', 'direction'),
  isola_worker_exchange_bytes_total: counter(
    'Bytes that other workers were sent (out), and have sent (in).',
    'direction',
  ),
  isola_worker_exchange_corrupted_total: counter('Messages of other workers that were damaged.'),
} satisfies Definitions;
