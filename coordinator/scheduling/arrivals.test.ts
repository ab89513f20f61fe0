import { describe, expect, it } from 'vitest';
import { contentId } from '../store/index.js';
import type { CellReport } from './orders.js';
import { attach, type Desk, type Heard, lead, submit } from './toy-desk.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The result of a cell of epoch 0, whose blobs say who it is from. */
function reportOf({ dispatcher }: Desk, job: string, island: number, by = 'all'): CellReport {
  const task = dispatcher.book.find(job)?.job.taskOf({ island, epoch: 0 });
  const cell = { job, island, epoch: 0, input: task?.input ?? '' };
  const [state, emigrants] = [contentId(bytesOf(`state ${by}`)), contentId(bytesOf('emigrants'))];
  return { cell, state, emigrants, value: 1, evaluations: 1, kernelVersion: 'k1' };
}

const BLOBS = [bytesOf('state all'), bytesOf('emigrants')];

const told = ({ orders }: Heard, type: 'settled' | 'revoke') =>
  orders.flatMap((order) => (order.type === type ? order.cell.island : []));

const accepted = ({ dispatcher }: Desk, job: string) =>
  [0, 1].filter((island) => dispatcher.book.find(job)?.job.resultOf({ island, epoch: 0 }));

describe('results that arrive together', () => {
  it('are settled alike where they are of one cell and equal', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const workers = ['a', 'b'].map((name) => attach(desk, name, 2));
    const report = reportOf(desk, job, 0);
    await Promise.all(['a', 'b'].map((name) => desk.dispatcher.done(name, report)));
    expect(workers.map((heard) => told(heard, 'settled'))).toEqual([[0], [0]]);
    expect(desk.dispatcher.book.find(job)?.job.acceptedCount).toBe(1);
  });

  it('end the job where they are of one cell and differ', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const reports = ['a', 'b'].map((name) => [name, reportOf(desk, job, 0, name)] as const);
    await Promise.all(reports.map(([name, report]) => desk.dispatcher.done(name, report)));
    expect(desk.dispatcher.book.find(job)?.job.quarantined?.cause).toBe('results-differ');
  });

  it('do not count beside one that ends their job', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const heard = attach(desk, 'w', 2);
    await desk.dispatcher.done('w', reportOf(desk, job, 0));
    await Promise.all([
      desk.dispatcher.done('w', reportOf(desk, job, 1)),
      desk.dispatcher.done('liar', reportOf(desk, job, 0, 'liar')),
    ]);
    expect([accepted(desk, job), told(heard, 'settled')]).toEqual([[0], [0]]);
    expect(desk.dispatcher.book.find(job)?.events.at(-1)?.type).toBe('JobDone');
  });

  it('count as far as there was room, and the others when there is again', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const heard = attach(desk, 'w', 2);
    desk.failsAfter = 1;
    await Promise.all(
      [0, 1].map((island) => desk.dispatcher.done('w', reportOf(desk, job, island))),
    );
    expect([accepted(desk, job), told(heard, 'settled')]).toEqual([[0], [0]]);
    desk.failsAfter = null;
    await desk.dispatcher.tick();
    expect([accepted(desk, job), told(heard, 'settled')]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

describe('a result with its blobs', () => {
  it('counts once they are kept, however long the store was full', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const heard = attach(desk, 'w', 2);
    const report = reportOf(desk, job, 0);
    desk.failsAfter = 1;
    await desk.dispatcher.done('w', report, BLOBS);
    desk.failsAfter = 0;
    await desk.dispatcher.tick();
    expect([accepted(desk, job), told(heard, 'settled')]).toEqual([[], []]);
    desk.failsAfter = null;
    await desk.dispatcher.tick();
    expect([accepted(desk, job), told(heard, 'settled')]).toEqual([[0], [0]]);
    for (const id of [report.state, report.emigrants]) await desk.store.getBlob(id);
  });

  it('is refused where their bytes are others than it says', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const report = reportOf(desk, job, 0, 'nobody');
    const done = desk.dispatcher.done('w', report, BLOBS);
    await expect(done).rejects.toMatchObject({ code: 'incomplete' });
    expect(accepted(desk, job)).toEqual([]);
  });
});
