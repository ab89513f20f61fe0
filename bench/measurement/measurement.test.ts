import { describe, expect, it } from 'vitest';
import { jsonLine, type RecordLine, recorder, tables } from './output.js';
import { timed, timingOf } from './timing.js';

const machine = { cpu: 'some', cores: 2, node: '20.19.0' };

describe('timingOf', () => {
  it.each([
    [[3, 1, 2], 1, 2],
    [[4, 10, 2, 1], 1, 3],
    [[7], 7, 7],
  ])('of %j: minimum %d, median %d', (times, minMs, medianMs) => {
    expect(timingOf(times)).toEqual({ minMs, medianMs });
  });
});

describe('timed', () => {
  it('runs warm-ups before what is measured', async () => {
    let runs = 0;
    const { minMs, medianMs } = await timed(() => ++runs, { warmUps: 2, measured: 3 });
    expect(runs).toBe(5);
    expect(minMs).toBeGreaterThanOrEqual(0);
    expect(medianMs).toBeGreaterThanOrEqual(minMs);
  });

  it('refuses work whose result is no number', async () => {
    await expect(timed(() => Number.NaN)).rejects.toThrow('NaN');
  });
});

describe('records', () => {
  const lines: RecordLine[] = [];
  const records = recorder('sums', machine, (line) => lines.push(line));

  it('keeps failures and what was left out, and goes on', async () => {
    await records.add('small', () => ({ minMs: 1.23456, threads: 2 }));
    await records.add('broken', () => {
      throw new Error('no luck');
    });
    records.leaveOut('large', 'no data');
    await records.add('other', async () => ({ seconds: null }));
    expect(lines).toEqual([
      { name: 'sums', case: 'small', machine, figures: { minMs: 1.23456, threads: 2 } },
      { name: 'sums', case: 'broken', machine, failure: 'no luck' },
      { name: 'sums', case: 'large', machine, skipped: 'no data' },
      { name: 'sums', case: 'other', machine, figures: { seconds: null } },
    ]);
  });

  it('are JSON lines with the figures beside the case, or a figure in its place', () => {
    const line = { name: 'sums', case: 'small, slow', machine };
    expect(JSON.parse(jsonLine({ ...line, figures: { minMs: 1 } }))).toEqual({ ...line, minMs: 1 });
    expect(JSON.parse(jsonLine({ ...line, failure: 'no luck' }))).toEqual({
      ...line,
      failure: 'no luck',
    });
    expect(JSON.parse(jsonLine({ ...line, figures: { case: 'small' } }))).toEqual({
      ...line,
      case: 'small',
    });
  });

  it('are one table for each set of figures, then what is missing', () => {
    expect(
      tables(lines)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'case   minMs  threads',
      'small   1.23        2',
      '',
      'case   seconds',
      'other        -',
      '',
      'broken: FAILED: no luck',
      'large: skipped: no data',
    ]);
  });
});
