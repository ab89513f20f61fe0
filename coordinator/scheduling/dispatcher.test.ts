import { describe, expect, it } from 'vitest';
import { Job, JobBook } from '../jobs/index.js';
import { contentId, StoreError } from '../store/index.js';
import { Dispatcher } from './dispatcher.js';
import { LEASES } from './lease.js';
import type { CellName } from './orders.js';
import { attach, type Desk, lead, submit } from './toy-desk.js';

/** The log, as who leads next reads it. */
const reread = async ({ store }: Desk) => new JobBook(await store.load());

/** A job of one cell. */
const plan = { finish: true, epochs: 0, inNeighbours: [] };
const bytes = (text: string) => new TextEncoder().encode(text);

function cellOf({ dispatcher }: Desk, job: string): CellName {
  const task = dispatcher.book.find(job)?.job.taskOf({ island: 0, epoch: 0 });
  return { job, island: 0, epoch: 0, input: task?.input ?? '' };
}

/** Worker `w` has computed the cell of a job. */
async function compute(desk: Desk, job: string, made: string): Promise<void> {
  const state = await desk.store.putBlob(bytes(made));
  const result = { state, emigrants: state, value: 1, evaluations: 1, kernelVersion: 'k1' };
  await desk.dispatcher.done('w', { cell: cellOf(desk, job), ...result });
}

const failure = (job: string, desk: Desk, island: number, blob: string | null) => {
  const task = desk.dispatcher.book.find(job)?.job.taskOf({ island, epoch: 0 });
  const cell = { job, island, epoch: 0, input: task?.input ?? '' };
  return { cell, cause: blob === null ? ('crashed' as const) : ('blob-lost' as const), blob };
};

describe('a job', () => {
  it('whose subject is lost fails, as nobody can compute that again', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    attach(desk, 'w', 2);
    for (let n = 0; n < LEASES.maxFailures; n++) {
      await desk.dispatcher.failed('w', failure(job, desk, 0, desk.subject));
    }
    const found = desk.dispatcher.book.find(job)?.job;
    expect(found?.quarantined?.cause).toBe('blob-lost');
    expect(found?.done?.reason).toBe('failed');
  });

  it('that could not be ended while the store was full ends when there is room', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    desk.failsAfter = 1;
    await expect(desk.dispatcher.cancel(job)).rejects.toThrow('no space');
    expect(desk.dispatcher.book.find(job)?.job.done).toBeNull();
    desk.failsAfter = null;
    await desk.dispatcher.tick();
    expect(desk.dispatcher.book.find(job)?.job.done?.reason).toBe('cancelled');
  });

  it('may be cancelled any number of times while its end cannot be written down', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    for (let n = 0; n < 4; n++) {
      desk.failsAfter = 1;
      await desk.dispatcher.cancel(job).catch(() => {});
    }
    desk.failsAfter = null;
    await desk.dispatcher.cancel(job);
    expect((await reread(desk)).find(job)?.job.done?.reason).toBe('cancelled');
  });

  it('is made anew whenever what it came to is lost', async () => {
    const desk = await lead();
    const { job } = await submit(desk, plan);
    attach(desk, 'w', 1);
    await compute(desk, job, 'the plan');
    expect(await submit(desk, plan)).toEqual({ job, isNew: false });
    const lost = contentId(bytes('the plan'));
    const { getBlob } = desk.store;
    desk.store.getBlob = (id) => {
      if (id !== lost) return getBlob(id);
      throw new StoreError('blob-lost', 'it has changed');
    };
    const again = await submit(desk, plan);
    expect(again).toEqual({ job: expect.not.stringContaining(job), isNew: true });
    expect(await submit(desk, plan)).toEqual({ ...again, isNew: false });
    await compute(desk, again.job, 'the plan');
    const third = await submit(desk, plan);
    expect(third.isNew).toBe(true);
    expect([job, again.job]).not.toContain(third.job);
  });

  it('is known by its key, and nothing of it is read for that', async () => {
    const desk = await lead();
    const { job } = await submit(desk, plan, 'monday');
    attach(desk, 'w', 1);
    await compute(desk, job, 'the plan');
    desk.store.getBlob = () => {
      throw new Error('it is read');
    };
    expect(await submit(desk, plan, 'monday')).toEqual({ job, isNew: false });
  });

  it.each([
    ['1025 islands', { inNeighbours: Array.from({ length: 1025 }, () => []) }],
    ['100001 epochs', { epochs: 100_001 }],
    ['jobHash of 129 characters', { jobHash: 'h'.repeat(129) }],
    ['kernelVersion of 129 characters', { kernelVersion: 'k'.repeat(129) }],
  ])('is refused with %s, but not where it is in a log already', async (why, changes) => {
    const desk = await lead();
    await expect(submit(desk, changes)).rejects.toThrow(why);
    const { spec } =
      (await submit(desk).then(({ job }) => desk.dispatcher.book.find(job)))?.job ?? {};
    if (spec === undefined) throw new Error('there is a job');
    const log = new Job([{ type: 'JobSubmitted', ...spec, ...changes }]);
    expect(log.spec).toMatchObject(changes);
  });

  it('is refused with a key of more than 128 characters', async () => {
    const desk = await lead();
    await expect(submit(desk, {}, 'k'.repeat(129))).rejects.toMatchObject({ code: 'bad-job' });
  });

  it('may get another name, which then is that of no other job', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    for (const key of ['monday', 'tuesday', 'monday']) {
      expect(await submit(desk, {}, key)).toEqual({ job, isNew: false });
      const other = submit(desk, { jobHash: 'other' }, key);
      await expect(other).rejects.toMatchObject({ code: 'key-taken' });
    }
    expect((await reread(desk)).named('t', 'tuesday')?.id).toBe(job);
  });

  it('of one cell keeps its best so far if its worker is away when it is cancelled', async () => {
    const desk = await lead();
    const { job } = await submit(desk, plan);
    const cell = cellOf(desk, job);
    const cutShort = { type: 'cut-short', cell };
    await desk.dispatcher.cancel(job);
    expect(desk.dispatcher.book.find(job)?.job.done).toBeNull();
    const link = attach(desk, 'w', 1, [cell]);
    expect(link.orders).toEqual([cutShort]);
    await desk.dispatcher.cancel(job);
    expect(link.orders).toEqual([cutShort, cutShort]);
    await compute(desk, job, 'the plan so far');
    const found = desk.dispatcher.book.find(job)?.job;
    expect([found?.done?.reason, found?.result?.worker]).toEqual(['cancelled', 'w']);
  });

  it('is for another leader where the log turns out to be damaged', async () => {
    const desk = await lead();
    desk.store.append = async () => {
      throw new StoreError('damaged', 'the log has lost its end');
    };
    await expect(submit(desk)).rejects.toMatchObject({ code: 'not-leading' });
    expect(desk.dispatcher.isDeposed).toBe(true);
  });

  it('is refused where its id is the key of another one', async () => {
    const desk = await lead();
    const elsewhere = await lead();
    const { job } = await submit(elsewhere);
    const other = await submit(desk, { jobHash: 'other' }, job);
    await expect(submit(desk)).rejects.toMatchObject({ code: 'key-taken' });
    expect((await reread(desk)).all().map(({ id }) => id)).toEqual([other.job]);
  });
});

describe('a cell', () => {
  it('of a job that is done is not repaired', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    const heard = attach(desk, 'w', 2);
    const task = desk.dispatcher.book.find(job)?.job.runnable()[0];
    const cell = { job, island: 0, epoch: 0, input: task?.input ?? '' };
    const result = { state: 's', emigrants: 'e', value: 1, evaluations: 1, kernelVersion: 'k1' };
    await desk.dispatcher.done('w', { cell, ...result });
    await desk.dispatcher.cancel(job);
    const before = heard.orders.length;
    await desk.dispatcher.failed('w', { cell, cause: 'blob-lost', blob: 's' });
    expect(heard.orders.slice(before)).toEqual([]);
  });
});

describe('a cell that hangs', () => {
  it('is taken from its worker, and fails its job once it has hung on three', async () => {
    const desk = await lead();
    const { job } = await submit(desk, { inNeighbours: [[]] });
    const workers = ['a', 'b', 'c'].map((name) => [name, attach(desk, name, 1)] as const);
    for (let n = 0; n < LEASES.maxFailures; n++) {
      expect(desk.dispatcher.book.find(job)?.job.quarantined).toBeNull();
      desk.nowMs += LEASES.mostMs + 1;
      for (const [name] of workers) desk.dispatcher.heartbeat(name, []);
      await desk.dispatcher.tick();
    }
    for (const [, heard] of workers) expect(heard.orders.at(-1)?.type).toBe('revoke');
    expect(desk.dispatcher.book.find(job)?.job.quarantined?.cause).toBe('timed-out');
  });
});

describe('a cell whose input is lost', () => {
  it('waits until that is computed again', async () => {
    const desk = await lead();
    const { job } = await submit(desk, { inNeighbours: [[]] });
    const heard = attach(desk, 'w', 2);
    const task = desk.dispatcher.book.find(job)?.job.runnable()[0];
    const first = { job, island: 0, epoch: 0, input: task?.input ?? '' };
    const result = { state: 's', emigrants: 'e', value: 1, evaluations: 1, kernelVersion: 'k1' };
    await desk.dispatcher.done('w', { cell: first, ...result });
    const next = desk.dispatcher.book.find(job)?.job.runnable()[0];
    const second = { job, island: 0, epoch: 1, input: next?.input ?? '' };
    const leased = () =>
      heard.orders.flatMap((order) => (order.type === 'lease' ? order.lease.cell.task.epoch : []));
    await desk.dispatcher.failed('w', { cell: second, cause: 'blob-lost', blob: 's' });
    expect(leased()).toEqual([0, 1, 0]);
    await desk.dispatcher.done('w', { cell: first, ...result });
    expect(leased()).toEqual([0, 1, 0, 1]);
  });
});

describe('a worker', () => {
  it('that was taken for lost is not told of, whatever it still says', async () => {
    const desk = await lead();
    const { job } = await submit(desk);
    attach(desk, 'w', 1);
    desk.nowMs += LEASES.silentMs + 1;
    await desk.dispatcher.tick();
    const { cell } = failure(job, desk, 0, null);
    desk.dispatcher.heartbeat('w', [{ cell, phase: 'p', part: 0, detail: '' }]);
    expect(desk.dispatcher.links.activities(job)).toEqual([]);
  });

  it('that is lost while the store is full ends no process', async () => {
    const desk = await lead();
    await submit(desk, { inNeighbours: [[]] });
    for (let n = 1; n < LEASES.maxLosses; n++) {
      const heard = attach(desk, `w${n}`, 1);
      await desk.dispatcher.detach(`w${n}`, heard);
    }
    attach(desk, 'last', 1);
    desk.nowMs += LEASES.silentMs + 1;
    desk.failsAfter = 0;
    await expect(desk.dispatcher.tick()).rejects.toThrow('no space');
  });

  it('that comes back without a cell has lost it, as one that does not come back', async () => {
    const desk = await lead();
    const { job } = await submit(desk, { inNeighbours: [[]] });
    for (let n = 0; n <= LEASES.maxLosses; n++) attach(desk, 'w', 1);
    await desk.dispatcher.tick();
    expect(desk.dispatcher.book.find(job)?.job.quarantined?.cause).toBe('worker-lost');
  });
});

describe('a coordinator that is deposed', () => {
  it('lets go of its workers, and takes none', async () => {
    const desk = await lead();
    const heard = attach(desk, 'w', 1);
    await Dispatcher.lead(desk.store, { name: 'other', nowMs: () => 0 });
    await expect(submit(desk)).rejects.toMatchObject({ code: 'not-leading' });
    expect(heard.isClosed).toBe(true);
    expect(attach(desk, 'w', 1).isClosed).toBe(true);
  });
});

describe('a store that takes no blobs', () => {
  it('pauses all, with its reason, until it takes one that it has not got', async () => {
    const desk = await lead();
    const { dispatcher } = desk;
    const blob = new TextEncoder().encode('a result');
    for (let times = 0; times < 2; times++) {
      desk.failsAfter = 0;
      await expect(dispatcher.keep(blob)).rejects.toMatchObject({ problem: 'full' });
      await dispatcher.tick();
      expect(dispatcher.paused).toContain('no space');
      desk.failsAfter = null;
      desk.nowMs += 1000;
      await dispatcher.tick();
      expect(dispatcher.paused).toBeNull();
    }
    await desk.store.getBlob(await dispatcher.keep(blob));
  });
});
