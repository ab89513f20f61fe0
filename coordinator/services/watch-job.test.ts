import { once } from 'node:events';
import { Writable } from 'node:stream';
import { jobs } from '@isola/cluster/wire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attach, lead, submit } from '../scheduling/toy-desk.js';
import { watchJob } from './watch-job.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('who watches a job', () => {
  it('is told how it stands once there is room again, and of nothing before that', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const told: jobs.JobUpdate[] = [];
    let takeIn = () => {};
    const watcher = new Writable({
      ...{ objectMode: true, highWaterMark: 1 },
      write(update, _encoding, taken) {
        told.push(update);
        takeIn = taken;
      },
    });
    const booked = desk.dispatcher.book.find(job);
    if (booked === undefined) throw new Error('there is a job');
    watchJob(watcher, booked, desk.dispatcher);
    attach(desk, 'w', 1);
    for (let n = 0; n < 20; n++) {
      desk.dispatcher.heartbeat('w', [{ ...progress(job), part: n }]);
      vi.advanceTimersByTime(1000);
    }
    expect([told.length, watcher.writableLength]).toEqual([1, 1]);
    takeIn();
    expect(told.map(({ activities }) => activities.map(({ part }) => part))).toEqual([[], [19]]);
    await desk.dispatcher.cancel(job, true);
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(2);
    const finished = once(watcher, 'finish');
    takeIn();
    expect(told.map(({ state }) => state).at(-1)).toBe(jobs.JobState.CANCELLED);
    takeIn();
    await finished;
  });
});

const progress = (job: string) => ({
  cell: { job, island: 0, epoch: 0, input: '' },
  ...{ phase: 'beam angles', part: 0, detail: '' },
});
