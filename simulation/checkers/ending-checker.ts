import { type ClusterEvent, JobBook, type JobId } from '@isola/coordinator/jobs';
import type { Dispatcher } from '@isola/coordinator/scheduling';
import type { LogServer } from '../storage/index.js';
import { keptBy } from './inside.js';
import type { LogChecker } from './log-checker.js';
import type { Report } from './violation.js';

/** What must be true when all is over. */
export function checkEnding(
  report: Report,
  server: LogServer,
  log: LogChecker,
  acknowledged: ReadonlyMap<number, string>,
  promised: readonly JobId[],
): void {
  for (const [version, text] of acknowledged) {
    if (server.events[version - 1] !== text) report('acknowledged-lost', text);
  }
  for (const id of promised) if (!log.jobs.has(id)) report('job-lost', id);
  for (const { id, done } of log.jobs.values()) if (done === null) report('not-ended', id);
  try {
    const book = new JobBook(server.events.map((text) => JSON.parse(text) as ClusterEvent));
    for (const { id, job } of book.all()) {
      const record = log.jobs.get(id);
      const isSame = JSON.stringify(job.trace) === JSON.stringify(record?.trace);
      if (!isSame || job.acceptedCount !== record?.accepted.size) report('log-unreadable', id);
    }
  } catch (error) {
    report('log-unreadable', String(error));
  }
}

/** A coordinator whose jobs are all done keeps nothing of them but what the log tells. */
export function checkMemory(report: Report, dispatcher: Dispatcher): void {
  const kept = keptBy(dispatcher);
  if (kept !== 0) report('memory-grows', `${kept} entries about jobs that are done`);
}
