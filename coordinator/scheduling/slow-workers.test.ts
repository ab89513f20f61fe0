/** Workers that are much slower than others, and cells that take too long. */
import { describe, expect, it } from 'vitest';
import type { OfferedCell } from './lease.js';
import { LeaseTable } from './lease-table.js';

const USUAL_MS = 1_000;
const SLOW = 10;

/** A table in which time goes by, and whose workers have a speed. */
class Shop {
  readonly table = new LeaseTable();
  nowMs = 0;
  private made = 0;
  private readonly speeds = new Map<string, number>();

  join(name: string, slowness = 1, slots = 1): this {
    this.table.join(name, 'k1', slots, this.nowMs);
    this.speeds.set(name, slowness);
    return this;
  }

  cells(count: number, more: Partial<OfferedCell> = {}): OfferedCell[] {
    return Array.from({ length: count }, () => {
      const island = this.made++;
      const input = `input ${island}`;
      const task = { island, epoch: 0, seed: 1, state: null, immigrants: [], input };
      return { ...{ job: 'job', kernelVersion: 'k1', task }, ...more };
    });
  }

  /** Who gets which cell now. */
  assign(cells: readonly OfferedCell[], isNeeded = () => true): string[] {
    return this.table.assign({ cells, isNeeded }, this.nowMs).map(({ worker, cell }) => {
      return `${worker} ${cell.task.island}`;
    });
  }

  /** Has cells computed, looking every tenth of a usual cell; how long that takes. */
  compute(cells: readonly OfferedCell[]): number {
    const startMs = this.nowMs;
    let left = [...cells];
    while (left.length > 0) {
      this.assign(left);
      this.nowMs += USUAL_MS / 10;
      for (const cell of left) {
        const key = `${cell.job} ${cell.task.input}`;
        const done = this.table.leasesOf(key).find(({ worker, sinceMs }) => {
          return this.nowMs - sinceMs >= USUAL_MS * (this.speeds.get(worker) ?? 1);
        });
        if (done === undefined) continue;
        this.table.settle(cell.job, cell.task.input, done.worker, this.nowMs);
        left = left.filter((other) => other !== cell);
      }
    }
    return this.nowMs - startMs;
  }
}

/** Two usual workers and a slow one, which is known by now. */
function knownStraggler(): Shop {
  const shop = new Shop().join('a').join('b').join('slow', SLOW);
  for (let epoch = 0; epoch < 4; epoch++) shop.compute(shop.cells(4));
  return shop;
}

describe('a straggler', () => {
  it('costs little, beside others, where each epoch waits for all cells of the last', () => {
    const others = new Shop().join('a').join('b');
    const shop = new Shop().join('a').join('b').join('slow', SLOW);
    const epochs = 30;
    const timeOf = (one: Shop) =>
      Array.from({ length: epochs }, () => one.compute(one.cells(4))).reduce((x, y) => x + y);
    const ratio = timeOf(shop) / timeOf(others);
    expect(ratio).toBeLessThan(1.25);
  });

  it('gets no cell that others do sooner, and one that they do not', () => {
    const shop = knownStraggler();
    const few = shop.cells(4);
    expect(shop.assign(few).filter((each) => each.startsWith('slow'))).toEqual([]);
    shop.compute(few);
    const many = shop.cells(100);
    expect(shop.assign(many).filter((each) => each.startsWith('slow'))).toHaveLength(1);
  });

  it('gets no finishing cell while another worker is soon free', () => {
    const shop = knownStraggler();
    const [first, second, finish] = [...shop.cells(2), ...shop.cells(1, { isFinish: true })];
    shop.assign([first, second]);
    expect(shop.assign([first, second, finish])).toEqual([]);
  });

  it('is not waited for: who is free gets a copy of its cell at once', () => {
    const shop = knownStraggler();
    const many = shop.cells(100);
    const [given] = shop.assign(many).filter((each) => each.startsWith('slow'));
    const island = Number(given.split(' ')[1]);
    const { table } = shop;
    table.settle('job', 'input 16', 'a', shop.nowMs + USUAL_MS);
    const held = many.filter(({ task }) => task.island === island);
    expect(table.hasLate(shop.nowMs + 1)).toBe(true);
    expect(shop.assign(held)).toEqual([`a ${island}`]);
  });

  it('computes alone where it is alone, and what nobody else may', () => {
    const shop = knownStraggler();
    shop.table.leave('b');
    const [audit] = shop.cells(1, { except: 'a' });
    expect(shop.assign([audit])).toEqual([`slow ${audit.task.island}`]);
    shop.table.leave('a');
    shop.compute([audit]);
    const [last] = shop.cells(1);
    expect(shop.assign([last])).toEqual([`slow ${last.task.island}`]);
  });

  it('is tried again after some time, as it may have got faster', () => {
    const shop = knownStraggler();
    const three = shop.cells(3);
    expect(shop.assign(three)).toHaveLength(2);
    shop.compute(three);
    shop.nowMs += 300_000;
    expect(shop.assign(shop.cells(3))).toHaveLength(3);
  });
});

describe('a cell', () => {
  it('gets a second worker when it takes longer than it should, and never a third', () => {
    const shop = new Shop().join('a').join('b').join('c');
    shop.compute(shop.cells(9));
    const [one] = shop.cells(1);
    expect(shop.assign([one])).toEqual([`a ${one.task.island}`]);
    shop.nowMs += 1.4 * USUAL_MS;
    expect(shop.table.hasLate(shop.nowMs)).toBe(false);
    shop.nowMs += 0.2 * USUAL_MS;
    expect(shop.table.hasLate(shop.nowMs)).toBe(true);
    expect(shop.assign([one])).toEqual([`b ${one.task.island}`]);
    shop.nowMs += 10 * USUAL_MS;
    expect(shop.table.hasLate(shop.nowMs)).toBe(false);
    expect(shop.assign([one])).toEqual([]);
  });

  it('gets none once its result is known, before all is done that follows from that', () => {
    const shop = new Shop().join('a').join('b');
    shop.compute(shop.cells(9));
    shop.assign(shop.cells(1));
    shop.nowMs += 2 * USUAL_MS;
    expect(shop.assign([], () => false)).toEqual([]);
    expect(shop.assign([], () => true)).toHaveLength(1);
  });

  it('of a job of which nothing is known is waited for', () => {
    const shop = new Shop().join('a').join('b');
    const [one] = shop.cells(1);
    shop.assign([one]);
    shop.nowMs += 1_000 * USUAL_MS;
    expect(shop.table.hasLate(shop.nowMs)).toBe(false);
  });
});

it('who comes anew and fetches a plan first is not slow for that', () => {
  const shop = new Shop().join('a').join('b');
  shop.compute(shop.cells(8));
  shop.join('new', SLOW);
  shop.compute(shop.cells(3));
  shop.join('new');
  for (let epoch = 0; epoch < 3; epoch++) shop.compute(shop.cells(3));
  expect(shop.assign(shop.cells(3))).toHaveLength(3);
});
