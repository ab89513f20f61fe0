/** Jobs: which cells are accepted, which can run, when a job is done; a pure state machine. */
export * from './cell-task.js';
export * from './cluster-event.js';
export * from './job.js';
export * from './job-book.js';
export * from './job-event.js';
export * from './result-mismatch.js';
