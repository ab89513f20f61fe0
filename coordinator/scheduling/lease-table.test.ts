import { describe, expect, it } from 'vitest';
import { LEASES, type OfferedCell } from './lease.js';
import { LeaseTable } from './lease-table.js';

const cell = (island: number): OfferedCell => ({
  ...{ job: 'job', kernelVersion: 'k1' },
  task: { island, epoch: 0, seed: 1, state: null, immigrants: [], input: `input ${island}` },
});

const CELLS = [0, 1, 2, 3].map(cell);

/** Leases by worker, as the numbers of their islands. */
const given = (table: LeaseTable, cells = CELLS) =>
  table
    .assign({ cells, isNeeded: () => true }, 0)
    .map(({ worker, cell: { task } }) => `${worker} ${task.island}`);

/** A table whose cell 0 was lost with as many workers as make it suspect. */
function suspicious(): LeaseTable {
  const table = new LeaseTable();
  for (let n = 0; n < LEASES.soloLosses; n++) {
    table.join('lost', 'k1', 1, 0);
    expect(given(table, [cell(0)])).toEqual(['lost 0']);
    expect(table.leave('lost')).toEqual([]);
  }
  return table;
}

describe('a worker', () => {
  it('is home of as few islands as can be, and gets those that it is home of', () => {
    const table = new LeaseTable();
    for (const name of ['a', 'b', 'c']) table.join(name, 'k1', 1, 0);
    expect(given(table, [cell(0), cell(1)])).toEqual(['a 0', 'b 1']);
    table.settle('job', 'input 0', 'a', 0);
    table.settle('job', 'input 1', 'b', 0);
    // What is new comes first, and goes to nobody's home.
    expect(given(table, [cell(2), cell(0), cell(1)])).toEqual(['c 2', 'a 0', 'b 1']);
    table.forget('job');
    expect(given(table, [cell(3)])).toEqual(['a 3']);
  });

  it.each(['a', 'b'])('is home of an island whose cell it computed first of two: %s', (first) => {
    const table = new LeaseTable();
    table.join('a', 'k1', 1, 0);
    // How long cells take is known after some.
    for (const known of [0, 1, 2].map(cell)) {
      given(table, [known]);
      table.settle('job', known.task.input, 'a', 0);
    }
    table.join('b', 'k1', 1, 0);
    expect(given(table, [cell(0)])).toEqual(['a 0']);
    const lateMs = LEASES.lateMs + 1;
    const [copy] = table.assign({ cells: [], isNeeded: () => true }, lateMs);
    expect(copy.worker).toBe('b');
    table.settle('job', 'input 0', first, lateMs);
    expect(given(table, [cell(0)])).toEqual([`${first} 0`]);
  });
});

describe('a cell that workers were lost with', () => {
  it('is computed alone', () => {
    const table = suspicious();
    table.join('a', 'k1', 3, 0);
    table.join('b', 'k1', 3, 0);
    expect(given(table)).toEqual(['a 0', 'b 1', 'b 2', 'b 3']);
  });

  it('gets a worker to itself, though others would always fill it', () => {
    const table = new LeaseTable();
    table.join('a', 'k1', 2, 0);
    given(table, [cell(8), cell(9)]);
    for (let n = 0; n < LEASES.soloLosses; n++) {
      table.join('lost', 'k1', 1, 0);
      given(table, [cell(0)]);
      table.leave('lost');
    }
    table.settle('job', 'input 8', 'a', 0);
    expect(given(table)).toEqual([]);
    table.settle('job', 'input 9', 'a', 0);
    expect(given(table)).toEqual(['a 0']);
  });

  it('gets one to itself that may compute it: not the one whose result it is to confirm', () => {
    const table = new LeaseTable();
    const audit = { ...cell(0), except: 'a' };
    for (let n = 0; n < LEASES.soloLosses; n++) {
      table.join('lost', 'k1', 1, 0);
      given(table, [audit]);
      table.leave('lost');
    }
    table.join('a', 'k1', 1, 0);
    table.join('b', 'k1', 2, 0);
    expect(given(table, [cell(8), cell(9), cell(10)]).sort()).toEqual(['a 8', 'b 10', 'b 9']);
    // One of its two cells is done: what is left of b is kept free, and a is not.
    table.settle('job', 'input 9', 'b', 0);
    table.settle('job', 'input 8', 'a', 0);
    expect(given(table, [audit, cell(11), cell(12)])).toEqual(['a 11']);
    table.settle('job', 'input 10', 'b', 0);
    expect(given(table, [audit, cell(12)])).toEqual(['b 0']);
  });

  it('is hopeless after so many losses alone; its neighbours never are', () => {
    const table = new LeaseTable();
    const hopeless: number[] = [];
    for (let n = 0; n < 3 * LEASES.maxLosses; n++) {
      table.join('w', 'k1', 2, 0);
      // Cell 0 kills its worker; cell 1 is done if it is alone.
      const leases = table.assign({ cells: [cell(0), cell(1)], isNeeded: () => true }, 0);
      if (leases.some(({ cell: { task } }) => task.island === 0)) {
        hopeless.push(...table.leave('w').map((lease) => lease.cell.task.island));
      }
      if (hopeless.length > 0) break;
    }
    expect(hopeless).toEqual([0]);
    expect(table.isHopeless('job input 0')).toBe(true);
    expect(table.isHopeless('job input 1')).toBe(false);
  });

  it('has not lost one that comes back, and has lost the others', () => {
    const table = new LeaseTable();
    const lose = (name: string) => {
      table.join(name, 'k1', 1, 0);
      given(table, [cell(0)]);
      return table.leave(name).map(({ cell: { task } }) => task.island);
    };
    expect(lose('a')).toEqual([]);
    expect(lose('b')).toEqual([]);
    table.join('a', 'k1', 1, 0);
    table.adopt('a', cell(0), 0);
    table.drain('a');
    // Who drains is not lost, and has nothing to take back.
    expect(table.leave('a')).toEqual([]);
    table.join('a', 'k1', 1, 0);
    table.adopt('a', cell(0), 0);
    // That of b is left.
    for (let losses = 2; losses < LEASES.maxLosses; losses++) expect(lose('a')).toEqual([]);
    expect(lose('a')).toEqual([0]);
  });

  it('is not hopeless while another worker has it, or once it is done', () => {
    const table = suspicious();
    for (let n = LEASES.soloLosses; n < LEASES.maxLosses; n++) {
      table.join('lost', 'k1', 1, 0);
      given(table, [cell(0)]);
      table.leave('lost');
    }
    expect(table.isHopeless('job input 0')).toBe(true);
    table.join('w', 'k1', 1, 0);
    given(table, [cell(0)]);
    expect(table.isHopeless('job input 0')).toBe(false);
    table.settle('job', 'input 0', 'w', 0);
    expect(table.isHopeless('job input 0')).toBe(false);
  });
});
