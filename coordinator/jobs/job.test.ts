import { describe, expect, it } from 'vitest';
import { contentId } from '../store/index.js';
import type { CellTask } from './cell-task.js';
import { Job } from './job.js';
import type { CellAccepted, JobEvent, JobSpec, JobSubmitted } from './job-event.js';
import { ResultMismatch } from './result-mismatch.js';

const ISLANDS = 4;
const EPOCHS = 6;

const spec: JobSpec = {
  ...{ jobHash: 'job', kernelVersion: 'k1', seed: 3, epochs: EPOCHS, lag: 1, targetValue: null },
  finish: false,
  inNeighbours: [[3], [0], [1], [0, 1, 2]],
};

/** A cell that does no work: its result is made of its input's hash. */
function computed({ island, epoch, input }: CellTask, kernelVersion = 'k1'): CellAccepted {
  const [state, emigrants] = ['s', 'e'].map((kind) => contentId(kind + input));
  const value = 100 - epoch * 10 - Number.parseInt(input.slice(0, 2), 16) / 32;
  return {
    ...{ type: 'CellAccepted', island, epoch, input, state, emigrants },
    ...{ value, evaluations: island + 1, kernelVersion },
  };
}

const submitted = (changes: Partial<JobSpec> = {}): JobSubmitted => ({
  ...{ type: 'JobSubmitted', ...spec, ...changes },
});

/** Runs a job; `choose` says which of the runnable cells is next. Gives the log. */
function run(first: JobSubmitted, choose: (count: number, step: number) => number): JobEvent[] {
  const log: JobEvent[] = [first];
  const job = new Job(log);
  const add = (event: JobEvent) => {
    log.push(event);
    job.apply(event);
  };
  for (let step = 0; job.done === null; step++) {
    const tasks = job.runnable();
    add(computed(tasks[choose(tasks.length, step)]));
    for (let due = job.due(); due !== null; due = job.due()) add(due);
  }
  return log;
}

const ORDERS: ((count: number, step: number) => number)[] = [
  () => 0,
  (count) => count - 1,
  (count, step) => (step * 7) % count,
  (count, step) => (step * step + 3) % count,
];
const logs = ORDERS.map((order) => run(submitted(), order));

function outcome(log: readonly JobEvent[]) {
  const { best, trace, evaluations, done } = new Job(log);
  return { best, trace, evaluations, done };
}

describe('a job', () => {
  it('comes to the same in whatever order its cells are accepted', () => {
    for (const log of logs) expect(outcome(log)).toEqual(outcome(logs[0]));
    expect(outcome(logs[0])).toMatchObject({
      evaluations: EPOCHS * 10,
      done: { type: 'JobDone', reason: 'epochs-done', epoch: EPOCHS - 1 },
    });
  });

  it('accepts every cell once, seals every epoch once, in order, and is done once', () => {
    for (const log of logs) {
      expect(log).toHaveLength(1 + ISLANDS * EPOCHS + EPOCHS + 1);
      const sealed = log.filter((event) => event.type === 'EpochSealed');
      expect(sealed.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5]);
      const cells = log.filter((event) => event.type === 'CellAccepted');
      expect(new Set(cells.map(({ island, epoch }) => `${island}@${epoch}`)).size).toBe(24);
    }
  });

  it('never worsens', () => {
    const { trace } = new Job(logs[0]);
    for (let e = 1; e < trace.length; e++) expect(trace[e]).toBeLessThanOrEqual(trace[e - 1]);
  });

  it('stands after any part of its log where it stood then', () => {
    const [, , log] = logs;
    const live = new Job(log.slice(0, 1));
    for (let length = 1; length < log.length; length++) {
      const replayed = new Job(JSON.parse(JSON.stringify(log.slice(0, length))));
      expect(replayed).toEqual(live);
      expect(replayed.version).toBe(length);
      expect(replayed.runnable()).toEqual(live.runnable());
      live.apply(log[length]);
    }
  });

  it('hands out cells once their inputs are accepted, those farthest behind first', () => {
    const job = new Job([submitted()]);
    const places = () => job.runnable().map(({ island, epoch }) => `${island}@${epoch}`);
    expect(places()).toEqual(['0@0', '1@0', '2@0', '3@0']);
    const accept = (island: number) => {
      const task = job.runnable().find((each) => each.island === island);
      job.apply(computed(task as CellTask));
    };
    accept(0);
    expect(places()).toEqual(['1@0', '2@0', '3@0']);
    accept(1);
    expect(places()).toEqual(['2@0', '3@0', '1@1']);
    accept(3);
    expect(places()).toEqual(['2@0', '0@1', '1@1']);
  });

  it('names the blobs that a cell is computed from', () => {
    const job = new Job(logs[0]);
    const of = (island: number, epoch: number) => job.resultOf({ island, epoch }) as CellAccepted;
    expect(job.taskOf({ island: 3, epoch: 0 })).toMatchObject({ state: null, immigrants: [] });
    const task = job.taskOf({ island: 3, epoch: 4 });
    expect(task).toMatchObject({ seed: 3, state: of(3, 3).state });
    expect(task?.immigrants).toEqual(
      [0, 1, 2].map((island) => ({ island, emigrants: of(island, 3).emigrants })),
    );
    expect(job.makerOf(of(2, 5).state)).toMatchObject({ island: 2, epoch: 5 });
    expect(job.makerOf(of(2, 5).emigrants)).toMatchObject({ island: 2, epoch: 5 });
    expect(job.makerOf('nothing')).toBeUndefined();
    for (const place of [
      { island: 4, epoch: 0 },
      { island: 0, epoch: 6 },
      { island: 0, epoch: -1 },
    ]) {
      expect(job.taskOf(place)).toBeUndefined();
    }
  });

  it('hashes all that decides a cell into its input', () => {
    const inputs = [{}, { jobHash: 'other' }, { kernelVersion: 'k2' }, { seed: 4 }].flatMap(
      (change) => new Job([submitted(change)]).runnable().map(({ input }) => input),
    );
    expect(new Set(inputs).size).toBe(16);
    const later = [0, 1].map((island) => new Job(logs[0]).taskOf({ island, epoch: 3 })?.input);
    expect(new Set([...inputs, ...later]).size).toBe(18);
  });

  it('takes what left `lag` epochs before', () => {
    const log = run(submitted({ lag: 3 }), ORDERS[2]);
    const job = new Job(log);
    expect(job.taskOf({ island: 1, epoch: 2 })?.immigrants).toEqual([]);
    const { emigrants } = job.resultOf({ island: 0, epoch: 1 }) as CellAccepted;
    expect(job.taskOf({ island: 1, epoch: 4 })?.immigrants).toEqual([{ island: 0, emigrants }]);
  });

  it('is done at the first sealed epoch that reaches the target, whatever else is accepted', () => {
    const { trace } = new Job(logs[0]);
    for (const order of ORDERS) {
      const log = run(submitted({ targetValue: trace[3] }), order);
      const job = new Job(log);
      const epoch = trace.findIndex((value) => value <= trace[3]);
      expect(job.done).toEqual({ type: 'JobDone', reason: 'target-reached', epoch });
      expect(job.trace).toEqual(trace.slice(0, epoch + 1));
      expect(job.runnable()).toEqual([]);
      expect(job.due()).toBeNull();
    }
  });
});

describe('a result', () => {
  const [log] = logs;
  const job = new Job(log);
  const known = job.resultOf({ island: 2, epoch: 4 }) as CellAccepted;

  it('that is accepted already is harmless', () => {
    expect(job.isNew({ ...known })).toBe(false);
    const early = new Job([submitted()]);
    expect(early.isNew(computed(early.runnable()[1]))).toBe(true);
  });

  it('that differs from the accepted one raises an alarm', () => {
    for (const change of [{ state: 'x' }, { emigrants: 'x' }, { value: 1 }, { evaluations: 1 }]) {
      expect(() => job.isNew({ ...known, ...change })).toThrow(ResultMismatch);
    }
    expect(() => job.isNew({ ...known, value: 1 })).toThrow(
      `island 2, epoch 4 has two results: value ${known.value} was accepted, now it is 1; check`,
    );
  });

  it('of another kernel version, other inputs, or before its inputs is refused', () => {
    expect(() => job.isNew({ ...known, kernelVersion: 'k2' })).toThrow('kernel version k2');
    expect(() => job.isNew({ ...known, input: 'x' })).toThrow('computed from other inputs');
    expect(() => job.isNew({ ...known, value: Number.NaN })).toThrow('value NaN');
    expect(() => new Job([submitted()]).isNew(known)).toThrow('no cell that can be computed now');
    expect(() => job.isNew({ ...known, island: 9 })).toThrow('no cell that can be computed now');
  });
});

describe('a log', () => {
  const [log] = logs;
  const at = (type: JobEvent['type']) => log.findIndex((event) => event.type === type);

  it('that no job writes is refused', () => {
    const cell = at('CellAccepted');
    const sealed = at('EpochSealed');
    const without = (i: number) => log.filter((_, other) => other !== i);
    const changed = (i: number, change: object) =>
      log.map((event, other) => (other === i ? ({ ...event, ...change } as JobEvent) : event));
    for (const bad of [
      ...[[], log.slice(1), without(cell), without(sealed), [...log, ...log.slice(-1)]],
      ...[changed(sealed, { value: 0 }), changed(sealed, { epoch: 1 })],
      ...[changed(cell, { type: 'Unheard' }), changed(0, { seed: 9 })],
      [...log.slice(0, cell + 1), log[cell]],
    ]) {
      expect(() => new Job(bad)).toThrow(/begins with|follow|computed|inputs|once/);
    }
  });

  it('of no possible job is refused', () => {
    for (const change of [
      ...[{ seed: -1 }, { epochs: 0 }, { lag: 0 }, { inNeighbours: [] }],
      ...[{ inNeighbours: [[1]] }, { inNeighbours: [[0, 0]] }, { targetValue: Number.NaN }],
    ]) {
      expect(() => new Job([submitted(change)])).toThrow('no such job');
    }
  });
});
