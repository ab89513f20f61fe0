import { Job, type JobSpec } from '@isola/coordinator/jobs';
import { describe, expect, it } from 'vitest';
import { goldenFinish, goldenOf } from './golden.js';
import { lieOf, toyCell } from './toy-cell.js';

const spec: JobSpec = {
  ...{ jobHash: 'job', kernelVersion: 'toy 1', seed: 3, epochs: 4, lag: 1, targetValue: null },
  ...{ finish: true, inNeighbours: [[1], [0, 2], [0, 1]] },
};

const input = {
  ...{ jobHash: 'job', kernelVersion: 'toy 1', seed: 3, island: 0, epoch: 0, state: null },
  ...{ immigrants: [], isFinish: false, isCutShort: false },
};

describe('a toy cell', () => {
  it('has another result for every other input, and for immigrants in another order', () => {
    const [a, b] = [toyCell(input), toyCell({ ...input, island: 1 })];
    const arrivals = [a, b].map(({ emigrants }, island) => ({ island, emigrants }));
    const inputs = [
      ...[input, { ...input, jobHash: 'other' }, { ...input, kernelVersion: 'toy 2' }],
      ...[
        { ...input, seed: 4 },
        { ...input, island: 2 },
        { ...input, epoch: 1 },
      ],
      ...[
        { ...input, state: a.state },
        { ...input, state: b.state },
      ],
      ...[
        { ...input, immigrants: arrivals },
        { ...input, immigrants: arrivals.toReversed() },
      ],
      ...[
        { ...input, isFinish: true },
        { ...input, isCutShort: true },
      ],
    ];
    expect(new Set(inputs.map((each) => toyCell(each).stateId)).size).toBe(inputs.length);
    expect(toyCell({ ...input })).toEqual(a);
  });

  it('is lied about by one ulp', () => {
    const right = toyCell(input);
    const lie = lieOf(right, false, 1);
    expect(lie.value).toBeGreaterThan(right.value);
    expect((lie.value + right.value) / 2 === right.value || lie.value - right.value < 1e-12).toBe(
      true,
    );
    expect(lieOf(right, true, 1).stateId).not.toBe(right.stateId);
    expect(lieOf(right, true, 1).value).toBe(right.value);
  });
});

describe('what a job must come to', () => {
  it('never worsens, and is the best of all cells', () => {
    const { trace, cells, best } = goldenOf(spec);
    expect(trace).toHaveLength(4);
    for (let e = 1; e < trace.length; e++) expect(trace[e]).toBeLessThanOrEqual(trace[e - 1]);
    expect(trace.at(-1)).toBe(Math.min(...cells.flat().map(({ value }) => value)));
    expect(best.map(({ value }) => value)).toEqual(trace);
  });

  it('ends with the epoch that reaches the target', () => {
    const { trace } = goldenOf(spec);
    const reached = goldenOf({ ...spec, targetValue: trace[1] });
    expect(reached.trace).toEqual(trace.slice(0, trace.indexOf(trace[1]) + 1));
  });

  it('is made of the best state at the end', () => {
    const { best } = goldenOf(spec);
    const results = [best[0], best[3], null].map((from) => goldenFinish(spec, from, false).stateId);
    expect(new Set([...results, goldenFinish(spec, best[3], true).stateId]).size).toBeGreaterThan(
      2,
    );
  });

  it('is what a job with nothing wrong comes to', () => {
    const job = new Job([{ type: 'JobSubmitted', ...spec }]);
    const { cells, trace } = goldenOf(spec);
    while (job.trace.length < spec.epochs) {
      const [{ island, epoch, input: hash }] = job.runnable();
      const { stateId: state, emigrantsId: emigrants, value, evaluations } = cells[epoch][island];
      job.apply({
        ...{ type: 'CellAccepted', island, epoch, input: hash, state, emigrants, value },
        ...{ evaluations, kernelVersion: 'toy 1' },
      });
      for (let due = job.due(); due !== null; due = job.due()) job.apply(due);
    }
    expect(job.trace).toEqual(trace);
  });
});
