import { describe, expect, it } from 'vitest';
import type { Audit } from '../jobs/index.js';
import type { Lease } from './lease.js';
import { nameOf } from './orders.js';
import { attach, type Desk, type Heard, lead, submit } from './toy-desk.js';

/** Longer than workers of a leader before may take to come back. */
const LATER_MS = 10_000;

interface Cluster {
  readonly desk: Desk;
  readonly job: string;
  readonly workers: ReadonlyMap<string, Heard>;
}

/** Workers with a search of two islands for two epochs, and its finishing cell. */
async function cluster(audit: Audit, ...names: readonly string[]): Promise<Cluster> {
  const desk = await lead(audit);
  desk.nowMs += LATER_MS;
  const { job } = await submit(desk, { finish: true });
  return { desk, job, workers: new Map(names.map((name) => [name, attach(desk, name, 1)])) };
}

const jobOf = ({ desk, job }: Cluster) => {
  const booked = desk.dispatcher.book.find(job);
  if (booked === undefined) throw new Error('there is no such job');
  return booked;
};

const leaseOf = ({ desk, job }: Cluster, worker: string): Lease | undefined =>
  desk.dispatcher.leases.ofJob(job).find((lease) => lease.worker === worker);

/** A worker computes what it has. */
async function compute(all: Cluster, worker: string, value?: number): Promise<void> {
  const lease = leaseOf(all, worker);
  if (lease === undefined) return;
  const { job, task } = lease.cell;
  const [state, emigrants] = [`state ${task.input}`, `emigrants ${task.input}`];
  await all.desk.dispatcher.done(worker, {
    cell: nameOf(job, task),
    ...{ state, emigrants, value: value ?? 10 - task.epoch - task.island, evaluations: 1 },
    kernelVersion: 'k1',
  });
}

/** All workers compute what there is, in turns. */
async function computeAll(all: Cluster): Promise<void> {
  for (let n = 0; n < 20; n++) for (const worker of all.workers.keys()) await compute(all, worker);
}

const auditedBy = (all: Cluster) =>
  jobOf(all).events.flatMap((event) => (event.type === 'CellAudited' ? [event] : []));

describe('an audit', () => {
  it('has the best cell and the plan computed by two workers before the job is done', async () => {
    const all = await cluster('plan', 'a', 'b');
    await computeAll(all);
    const { job } = jobOf(all);
    expect([job.done?.reason, job.auditState]).toEqual(['epochs-done', 'agreed']);
    const places = auditedBy(all).map(({ island, epoch }) => `${island}@${epoch}`);
    expect(places.sort()).toEqual(['0@2', '1@1']);
    for (const audited of auditedBy(all)) {
      expect(audited.worker).not.toBeNull();
      expect(audited.worker).not.toBe(job.resultOf(audited)?.worker);
    }
  });

  it('of all has every cell computed by two workers', async () => {
    const all = await cluster('all', 'a', 'b');
    await computeAll(all);
    expect(jobOf(all).job.done?.reason).toBe('epochs-done');
    expect(auditedBy(all)).toHaveLength(jobOf(all).job.acceptedCount);
  });

  it('of none has nothing computed twice', async () => {
    const all = await cluster('none', 'a', 'b');
    await computeAll(all);
    expect(jobOf(all).job.done?.reason).toBe('epochs-done');
    expect([auditedBy(all), jobOf(all).job.auditState]).toEqual([[], 'none']);
  });

  it('finds who computes the plan wrongly by one ulp', async () => {
    const all = await cluster('plan', 'a', 'b');
    for (let n = 0; n < 20; n++) {
      for (const worker of all.workers.keys()) {
        const isAudit = leaseOf(all, worker)?.cell.except !== undefined;
        await compute(all, worker, isAudit ? 8 + 2 ** -49 : undefined);
      }
    }
    const { job } = jobOf(all);
    expect([job.done?.reason, job.quarantined?.cause]).toEqual(['failed', 'results-differ']);
    expect([job.acceptedCount, job.result]).toEqual([job.cellCount, null]);
  });

  it('is missing where there is one worker, and the job says so', async () => {
    const all = await cluster('plan', 'a');
    await computeAll(all);
    const { job } = jobOf(all);
    expect([job.done?.reason, job.auditState]).toEqual(['epochs-done', 'missing']);
  });

  it('waits for workers that may come back to a new leader', async () => {
    const all = await cluster('plan', 'a');
    all.desk.nowMs = 1;
    await computeAll(all);
    expect([jobOf(all).job.done, jobOf(all).job.auditState]).toEqual([null, 'pending']);
    const late = { ...all, workers: new Map([['b', attach(all.desk, 'b', 1)]]) };
    await computeAll(late);
    expect(jobOf(all).job.auditState).toBe('agreed');
  });

  it('that its worker cannot compute holds up no job', async () => {
    const all = await cluster('plan', 'a');
    all.desk.nowMs = 1;
    await computeAll(all);
    attach(all.desk, 'b', 1);
    for (let n = 0; n < 20; n++) {
      const lease = leaseOf(all, 'b');
      if (lease === undefined) break;
      const cell = nameOf(all.job, lease.cell.task);
      await all.desk.dispatcher.failed('b', { cell, cause: 'out-of-memory', blob: null });
    }
    const { job } = jobOf(all);
    expect([job.done?.reason, job.auditState]).toEqual(['epochs-done', 'missing']);
  });
});
