import { describe, expect, it } from 'vitest';
import { contentId } from '../store/index.js';
import type { CellTask } from './cell-task.js';
import type { ClusterEvent } from './cluster-event.js';
import { Job } from './job.js';
import { JobBook } from './job-book.js';
import type { CellAccepted, JobEvent, JobSpec } from './job-event.js';

const search: JobSpec = {
  ...{ jobHash: 'search', kernelVersion: 'k1', seed: 3, epochs: 2, lag: 1, targetValue: null },
  ...{ inNeighbours: [[1], [0]], finish: true },
};
const plan: JobSpec = { ...search, jobHash: 'plan', epochs: 0, inNeighbours: [] };

function computed({ island, epoch, input }: CellTask, value = 10 - epoch): CellAccepted {
  const [state, emigrants] = ['s', 'e'].map((kind) => contentId(kind + input));
  const named = { type: 'CellAccepted' as const, island, epoch, input, state, emigrants };
  return { ...named, value, evaluations: 1, kernelVersion: 'k1' };
}

const submitted = (spec: JobSpec): JobEvent => ({ type: 'JobSubmitted', ...spec });

/** Accepts what can run and writes what is due, as often as said. */
function advance(job: Job, cells: number): void {
  for (let cell = 0; cell < cells; cell++) {
    job.apply(computed(job.runnable()[0]));
    for (let due = job.due(); due !== null; due = job.due()) job.apply(due);
  }
}

describe('a job with a finishing cell', () => {
  it('makes a result of the best state once all epochs are sealed, and is done with it', () => {
    const job = new Job([submitted(search)]);
    expect(job.cellCount).toBe(5);
    advance(job, 4);
    expect(job.done).toBeNull();
    const [finish, ...others] = job.runnable();
    expect(others).toEqual([]);
    expect(finish).toMatchObject({ island: 0, epoch: 2, state: job.best?.state, immigrants: [] });
    expect(job.isFinishing(finish)).toBe(true);
    advance(job, 1);
    expect(job.done).toEqual({ type: 'JobDone', reason: 'epochs-done', epoch: 1 });
    expect(job.result).toMatchObject({ island: 0, epoch: 2 });
    expect(job.resultOf({ island: 0, epoch: 2 })).toBe(job.result);
    expect(job.makerOf(job.result?.state ?? '')).toBe(job.result);
    expect(job.taskOf({ island: 0, epoch: 2 })).toEqual(finish);
    expect(job.acceptedCount).toBe(5);
  });

  it('may consist of nothing else', () => {
    const job = new Job([submitted(plan)]);
    expect(job.runnable()).toMatchObject([{ island: 0, epoch: 0, state: null }]);
    advance(job, 1);
    expect(job.done?.reason).toBe('epochs-done');
    expect(() => new Job([submitted({ ...plan, finish: false })])).toThrow('no such job');
    expect(() => new Job([submitted({ ...plan, epochs: 1 })])).toThrow('no such job');
  });

  it('finishes what reaches the target, whatever epochs are left', () => {
    const job = new Job([submitted({ ...search, targetValue: 10 })]);
    advance(job, 2);
    expect(job.isSearched).toBe(true);
    advance(job, 1);
    expect(job.done).toEqual({ type: 'JobDone', reason: 'target-reached', epoch: 0 });
  });
});

describe('a cancelled job', () => {
  const cancel: JobEvent = { type: 'JobCancelled' };

  it('finishes the best of its sealed epochs', () => {
    const job = new Job([submitted(search)]);
    advance(job, 3);
    job.apply(cancel);
    expect(job.due()).toBeNull();
    expect(job.runnable()).toMatchObject([{ island: 0, epoch: 2, state: job.best?.state }]);
    advance(job, 1);
    expect(job.done).toEqual({ type: 'JobDone', reason: 'cancelled', epoch: 0 });
    expect(job.result).not.toBeNull();
  });

  it('is done at once where there is nothing to finish, or at the second time', () => {
    const early = new Job([submitted(search), cancel]);
    expect(early.due()).toEqual({ type: 'JobDone', reason: 'cancelled', epoch: -1 });
    const late = new Job([submitted(search)]);
    advance(late, 2);
    late.apply(cancel);
    late.apply(cancel);
    expect(late.due()).toEqual({ type: 'JobDone', reason: 'cancelled', epoch: 0 });
    advance(late, 0);
    expect(() => late.apply(cancel)).toThrow('nothing left to cancel');
  });

  it('takes the first end of its finishing cell, for where it is cut short is chance', () => {
    const job = new Job([submitted(plan), cancel]);
    const [task] = job.runnable();
    expect(job.isNew(computed(task, 5))).toBe(true);
    job.apply(computed(task, 5));
    expect(job.isNew(computed(task, 4))).toBe(false);
    expect(job.due()).toMatchObject({ reason: 'cancelled' });
  });

  it('failed where a cell cannot be computed', () => {
    const job = new Job([submitted(search)]);
    const place = { island: 1, epoch: 0 };
    job.apply({ type: 'CellQuarantined', ...place, cause: 'out-of-memory' });
    expect(job.runnable()).toEqual([]);
    expect(job.due()).toEqual({ type: 'JobDone', reason: 'failed', epoch: -1 });
    expect(job.quarantined).toMatchObject({ ...place, cause: 'out-of-memory' });
  });
});

describe('the book of jobs', () => {
  const opened = (job: string, tenant: string, key: string): ClusterEvent => ({
    ...{ type: 'JobOpened', job, tenant, key, subject: contentId(tenant), spec: plan },
  });

  it('is after any part of its log what it was then, and knows whose blobs are whose', () => {
    const [task] = new Job([submitted(plan)]).runnable();
    const log: ClusterEvent[] = [
      { type: 'LeaderElected', coordinator: 'a', term: 1 },
      opened('1', 'north', 'k'),
      opened('2', 'south', 'k'),
      { type: 'JobMoved', job: '2', event: computed(task) },
      { type: 'LeaderElected', coordinator: 'b', term: 2 },
    ];
    const live = new JobBook([]);
    log.forEach((event, i) => {
      live.apply(event);
      expect(new JobBook(JSON.parse(JSON.stringify(log.slice(0, i + 1))))).toEqual(live);
      expect(live.version).toBe(i + 1);
    });
    expect(live.leader?.coordinator).toBe('b');
    expect(live.named('south', 'k')?.id).toBe('2');
    expect(live.named('east', 'k')).toBeUndefined();
    expect(live.ownersOf(contentId('north'))).toEqual(['north']);
    expect(live.ownersOf(computed(task).state)).toEqual(['south']);
    expect(live.ownersOf('nothing')).toEqual([]);
  });

  it('refuses what no coordinator writes', () => {
    const first = opened('1', 'north', 'k');
    for (const bad of [
      [first, first],
      [first, opened('2', 'north', 'k')],
      [{ type: 'JobMoved', job: '1', event: { type: 'JobCancelled' } }],
      [{ type: 'LeaderElected', coordinator: 'a', term: 2 }],
    ] as ClusterEvent[][]) {
      expect(() => new JobBook(bad)).toThrow(/twice|two jobs|no job|does not follow/);
    }
  });
});
