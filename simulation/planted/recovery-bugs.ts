/** Bugs in what is done about loss: of blobs, of space, of the lead. */
import { Arrivals, Dispatcher } from '@isola/coordinator/scheduling';
import { ALL_FAULTS, type FaultOptions, NO_FAULTS } from '../faults/index.js';
import { type PlantedBug, wrongMethod } from './planted-bug.js';

const { loss, lostBlobEveryMs, fullDiskEveryMs, doubts, resetEveryMs } = ALL_FAULTS;
const lostBlobs: FaultOptions = {
  ...NO_FAULTS,
  lostBlobEveryMs: lostBlobEveryMs / 6,
  resetEveryMs,
};
const fullDisk: FaultOptions = { ...NO_FAULTS, fullDiskEveryMs: fullDiskEveryMs / 3, doubts, loss };
const silence: FaultOptions = { ...NO_FAULTS, unwatched: 2, workerFreezeEveryMs: 2_000 };

export const recoveryBugs: readonly PlantedBug[] = [
  wrongMethod('lost blobs are not made again', Dispatcher, 'repair', () => () => true, lostBlobs),
  wrongMethod(
    'a lost subject is waited for',
    Dispatcher,
    'repair',
    (right) => {
      return function (...args) {
        right.apply(this, args);
        return true;
      };
    },
    lostBlobs,
  ),
  wrongMethod('cells of jobs that are done are repaired', Dispatcher, 'repair', () => {
    return function (id, blob) {
      const booked = this.book.find(id);
      const maker = booked?.job.makerOf(blob);
      const task = maker && booked.job.taskOf(maker);
      if (task !== undefined) this.repairs.set(`${id} ${task.input}`, { booked, task });
      return task !== undefined;
    };
  }),
  wrongMethod(
    'reports that waited for space are forgotten',
    Arrivals,
    'retry',
    (right) => {
      return function () {
        this.waiting.clear();
        return right.call(this);
      };
    },
    fullDisk,
  ),
  wrongMethod(
    'what was due when space ran out is forgotten',
    Dispatcher,
    'unended',
    () => () => [],
    fullDisk,
  ),
  wrongMethod('a pause never ends', Dispatcher, 'resume', () => async () => {}, fullDisk),
  wrongMethod('a result is settled before it is kept', Arrivals, 'accept', (right) => {
    return function (fresh) {
      for (const { worker, report } of fresh) this.handlers.settle(report.cell, worker, 'settled');
      return right.call(this, fresh);
    };
  }),
  wrongMethod('a result counts before its blobs are kept', Arrivals, 'withBlobsKept', () => {
    return async (arrival) => ({ ...arrival, blobs: [] });
  }),
  wrongMethod(
    'a worker that was lost is told of',
    Dispatcher,
    'heartbeat',
    () => {
      return function (name, cells) {
        this.leases.seen(name, this.options.nowMs());
        this.links.heard(name, cells);
      };
    },
    silence,
  ),
];
