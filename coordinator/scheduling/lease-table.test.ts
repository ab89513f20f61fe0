import { describe, expect, it } from 'vitest';
import type { CellTask } from '../jobs/index.js';
import { LEASES, LeaseTable, type OfferedCell } from './lease-table.js';

const cell = (island: number, epoch = 0, job = 'job'): OfferedCell => {
  const task: CellTask = {
    ...{ island, epoch, seed: 1, state: null, immigrants: [], input: `${island}@${epoch}` },
  };
  return { job, kernelVersion: 'k1', task };
};
const input = ({ task }: OfferedCell) => task.input;

function tableWith(...workers: readonly string[]): LeaseTable {
  const table = new LeaseTable();
  for (const name of workers) table.join(name, 'k1', 2, 0);
  return table;
}

const places = (leases: readonly { worker: string; cell: OfferedCell }[]) =>
  leases.map((lease) => `${lease.worker}:${input(lease.cell)}`);

describe('leases', () => {
  it('go in order to workers with room, evenly, once', () => {
    const table = tableWith('a', 'b');
    const cells = [0, 1, 2, 3, 4].map((island) => cell(island));
    const leases = table.assign(cells, 0);
    expect(places(leases)).toEqual(['a:0@0', 'b:1@0', 'a:2@0', 'b:3@0']);
    expect(leases.map(({ token }) => token)).toEqual([1, 2, 3, 4]);
    expect(table.assign(cells, 1)).toEqual([]);
    expect(table.capacity).toEqual({ workers: 2, slots: 4, leased: 4 });
  });

  it('go to the worker that had the island before, and to none of another version', () => {
    const table = tableWith('a', 'b');
    table.assign([cell(0), cell(1)], 0);
    for (const island of [0, 1]) table.settle('job', `${island}@0`, null, 5);
    expect(places(table.assign([cell(1, 1), cell(0, 1)], 5))).toEqual(['b:1@1', 'a:0@1']);
    const other = new LeaseTable();
    other.join('a', 'k2', 2, 0);
    expect(other.assign([cell(0)], 0)).toEqual([]);
  });

  it('of a lost worker are free at once, those of a draining one end with it', () => {
    const table = tableWith('a');
    table.assign([cell(0)], 0);
    table.join('b', 'k1', 1, 0);
    expect(table.leave('a')).toEqual([]);
    expect(places(table.assign([cell(0)], 1))).toEqual(['b:0@0']);
    table.drain('b');
    table.settle('job', '0@0', 'b', 2);
    expect(table.assign([cell(1)], 3)).toEqual([]);
  });

  it('of a worker that is not heard of are lost after a while', () => {
    const table = tableWith('a', 'b');
    table.seen('a', 6_000);
    expect(table.silent(LEASES.silentMs)).toEqual([]);
    expect(table.silent(LEASES.silentMs + 1)).toEqual(['b']);
  });

  it('go elsewhere after a failure, and nowhere after the third', () => {
    const table = tableWith('a', 'b', 'c', 'd');
    const tried: string[] = [];
    for (const isLast of [false, false, true]) {
      const [lease] = table.assign([cell(0)], 0);
      tried.push(lease.worker);
      expect(table.fail(lease.worker, 'job', '0@0', 'crashed')).toBe(isLast);
    }
    expect(new Set(tried).size).toBe(3);
    expect(table.fail('a', 'job', '9@9', 'crashed')).toBe(false);
  });

  it('that end because a blob was lost are no failures', () => {
    const table = tableWith('a');
    for (let time = 0; time < 9; time++) {
      table.assign([cell(0)], time);
      expect(table.fail('a', 'job', '0@0', 'blob-lost')).toBe(false);
    }
  });

  it('count the workers that were lost with a cell, but not those that only lost their way', () => {
    const table = new LeaseTable();
    const lose = (count: number) => {
      let suspects = 0;
      for (let i = 0; i < count; i++) {
        table.join('a', 'k1', 1, 0);
        table.assign([cell(0)], 0);
        suspects += table.leave('a').length;
      }
      return suspects;
    };
    expect(lose(LEASES.maxLosses - 1)).toBe(0);
    table.join('a', 'k1', 1, 0);
    expect(table.adopt('a', cell(0), 0)?.worker).toBe('a');
    expect(table.leave('a')).toEqual([]);
    expect(lose(1)).toBe(1);
  });

  it('get a second copy where they take much longer than others of their job', () => {
    const table = tableWith('a', 'b');
    for (const island of [0, 1, 2]) {
      const [lease] = table.assign([cell(island)], 0);
      table.settle('job', `${island}@0`, lease.worker, 1_000);
    }
    const [slow] = table.assign([cell(3)], 0);
    expect(table.assign([], 2_000)).toEqual([]);
    const [copy, ...more] = table.assign([], 2_001);
    expect(more).toEqual([]);
    expect(input(copy.cell)).toBe('3@0');
    expect(copy.worker).not.toBe(slow.worker);
    expect(table.assign([], 9_000)).toEqual([]);
    const over = table.settle('job', '3@0', copy.worker, 9_001);
    expect(over.map(({ worker }) => worker).sort()).toEqual(['a', 'b']);
    expect(table.capacity.leased).toBe(0);
  });

  it('of a job that is forgotten are gone, and those of others stay', () => {
    const table = tableWith('a', 'b');
    table.assign([cell(0), cell(0, 0, 'other')], 0);
    expect(table.forget('job')).toHaveLength(1);
    expect(table.ofJob('job')).toEqual([]);
    expect(table.ofJob('other')).toHaveLength(1);
  });
});
