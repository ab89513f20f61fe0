import type { Writable } from 'node:stream';
import type { BookedJob } from '../jobs/index.js';
import type { Dispatcher } from '../scheduling/index.js';
import { updateToWire } from './wire-job.js';

/** A watcher is told no more often than that: what changes in between is told together. */
const UPDATE_MS = 100;

/**
 * Tells of a job now, after every change, and for the last time when it is done. Who takes nothing
 * in is told nothing, and then how the job stands.
 */
export function watchJob(
  watcher: Pick<Writable, 'write' | 'end' | 'on'>,
  booked: BookedJob,
  dispatcher: Dispatcher,
): void {
  let timer: NodeJS.Timeout | null = null;
  let hasRoom = true;
  let isTold = false;
  const tell = () => {
    timer = null;
    if (!hasRoom) return;
    isTold = true;
    hasRoom = watcher.write(updateToWire(booked, dispatcher));
    if (booked.job.done === null && !dispatcher.isDeposed) return;
    end();
    watcher.end();
  };
  const stop = dispatcher.listen((job) => {
    if (job !== booked.id) return;
    isTold = false;
    timer ??= setTimeout(tell, UPDATE_MS);
  });
  const end = () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
  watcher.on('drain', () => {
    hasRoom = true;
    if (!isTold && timer === null) tell();
  });
  watcher.on('cancelled', end);
  watcher.on('close', end);
  tell();
}
