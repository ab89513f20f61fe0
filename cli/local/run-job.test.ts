import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, JobEvent } from '@isola/coordinator/jobs';
import { memoryStore, type Store, StoreError } from '@isola/coordinator/store';
import { RandomStream } from '@isola/kernels/random';
import { type Advance, ring, routesOf, runArchipelago } from '@isola/optimizers/islands';
import { describe, expect, it } from 'vitest';
import { type JobSettings, jobSpec } from './job-spec.js';
import { inJobStore } from './job-store.js';
import { type RunJobOptions, runJob } from './run-job.js';

interface Walk {
  readonly path: Float64Array;
}

const random = new RandomStream(3, 'run-job.test');

/** An island that remembers all that came to it. */
const walk: Advance<Walk, number> = async ({ seed, island, epoch, state, immigrants }) => {
  const arrived = immigrants.flatMap(({ emigrants }) => emigrants);
  const step = random.uniform(seed, island, epoch, 0) - 0.4 + 0.01 * Math.max(0, ...arrived);
  const path = Float64Array.from([...(state?.path ?? []), ...arrived, step]);
  const value = Math.min(...path);
  return { state: { path }, emigrants: [step], statistics: { value, evaluations: 3 } };
};

const settings: JobSettings = {
  ...{ subject: 'walk', kernelVersion: 'test', seed: 1 },
  ...{ islands: 5, epochs: 8, topology: ring, lag: 1 },
};
const spec = jobSpec(settings);
const CELLS = 5 * 8;
const one: RunJobOptions = { concurrency: 1 };
const wanted = await runJob(memoryStore<JobEvent>(), spec, walk, one);

const newFolder = () => mkdtempSync(join(tmpdir(), 'isola-job-'));

/** Counts the cells computed; ends them in an order of its own. */
function counting(order: number) {
  const cells: string[] = [];
  const advance: Advance<Walk, number> = async (cell, stop) => {
    cells.push(`${cell.island}@${cell.epoch}`);
    const turns = random.integer(6, order, cell.island, cell.epoch, 1);
    for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next));
    return walk(cell, stop);
  };
  return { cells, advance };
}

describe('jobSpec', () => {
  it('gives every job a hash of its own, and the same job the same', () => {
    const others: Partial<JobSettings>[] = [
      ...[{ subject: { case: 'other' } }, { kernelVersion: '2' }, { seed: 2 }, { islands: 6 }],
      ...[{ epochs: 9 }, { lag: 2 }, { targetValue: 0 }, {}],
    ];
    const hashes = others.map((change) => jobSpec({ ...settings, ...change }).jobHash);
    expect(new Set(hashes).size).toBe(others.length);
    expect(hashes.at(-1)).toBe(spec.jobHash);
  });
});

describe('runJob', () => {
  it('comes to what the archipelago in memory comes to', async () => {
    const options = { ...routesOf(ring, 5, 1), seed: 1, epochs: 8, concurrency: 3 };
    const { status, best, trace, evaluations } = await runArchipelago(walk, options);
    expect(wanted).toMatchObject({ status, best, trace, evaluations });
  });

  it.each([1, 2, 5, 50])('comes to the same with %i cells at a time', async (concurrency) => {
    const { cells, advance } = counting(concurrency);
    const options = { concurrency };
    expect(await runJob(memoryStore<JobEvent>(), spec, advance, options)).toEqual(wanted);
    expect(new Set(cells).size).toBe(CELLS);
    expect(cells).toHaveLength(CELLS);
  });

  it('goes on from any part of its log, and computes what is not in it', async () => {
    const full = memoryStore<JobEvent>();
    await runJob(full, spec, walk, one);
    const events = await full.load();
    for (let length = 0; length <= events.length; length++) {
      const part: Store<JobEvent> = { ...memoryStore<JobEvent>(), getBlob: full.getBlob };
      for (const [n, event] of events.slice(0, length).entries()) await part.append(event, n);
      const before = events.slice(0, length).filter(({ type }) => type === 'CellAccepted').length;
      const { cells, advance } = counting(length);
      expect(await runJob(part, spec, advance, { concurrency: 3 })).toEqual(wanted);
      expect(cells).toHaveLength(CELLS - before);
    }
  });

  it('stops at its target, and comes to the same again', async () => {
    const targetValue = wanted.trace[3];
    const target = jobSpec({ ...settings, targetValue });
    const store = memoryStore<JobEvent>();
    const stopped = await runJob(store, target, counting(7).advance, { concurrency: 4 });
    const epochs = wanted.trace.findIndex((value) => value <= targetValue) + 1;
    expect(stopped).toMatchObject({ status: 'converged', trace: wanted.trace.slice(0, epochs) });
    expect(await runJob(memoryStore<JobEvent>(), target, walk, one)).toEqual(stopped);
    const { cells, advance } = counting(1);
    expect(await runJob(store, target, advance, one)).toEqual(stopped);
    expect(cells).toEqual([]);
  });

  it('tells of its progress: at the start, then of each event once it is kept', async () => {
    const store = memoryStore<JobEvent>();
    const told: [number, JobEvent | undefined][] = [];
    const onProgress = (job: Job, event?: JobEvent) => told.push([job.acceptedCount, event]);
    await runJob(store, spec, walk, { ...one, onProgress });
    expect(told[0]).toEqual([0, undefined]);
    const events = await store.load();
    expect(told.slice(1).map(([, event]) => event)).toEqual(events.slice(1));
    expect(told.at(-1)?.[0]).toBe(CELLS);
  });
});

describe('a run that is cancelled', () => {
  it('keeps what is done, gives the best so far, and goes on when asked again', async () => {
    const store = memoryStore<JobEvent>();
    for (let round = 0; ; round++) {
      const abort = new AbortController();
      const { cells, advance } = counting(round);
      const cancelling: typeof advance = (cell, stop) => {
        if (cells.length === 7) abort.abort();
        // Some give up at once, others end what they have begun.
        if (stop.aborted && cell.island === 0) return Promise.reject(new Error('given up'));
        return advance(cell, stop);
      };
      const options = { concurrency: 3, signal: abort.signal };
      const outcome = await runJob(store, spec, cancelling, options);
      if (outcome.status !== 'cancelled') {
        expect(outcome).toEqual(wanted);
        expect(round).toBeGreaterThan(2);
        break;
      }
      expect(outcome.trace).toEqual(wanted.trace.slice(0, outcome.trace.length));
      expect(outcome.best?.value).toBe(outcome.trace.at(-1));
    }
  });
});

describe('a run that fails', () => {
  it('is the error of the cell; the others come to an end, and the next run goes on', async () => {
    const store = memoryStore<JobEvent>();
    const failing: Advance<Walk, number> = (cell, stop) =>
      cell.epoch === 4 ? Promise.reject(new Error('out of memory')) : walk(cell, stop);
    await expect(runJob(store, spec, failing, { concurrency: 3 })).rejects.toThrow('out of memory');
    expect(await runJob(store, spec, walk, one)).toEqual(wanted);
  });

  it('is the error of the store; the next run goes on', async () => {
    const store = memoryStore<JobEvent>();
    let writes = 0;
    const full: Store<JobEvent> = {
      ...store,
      putBlob: async (bytes) => {
        if (++writes > 20) throw new StoreError('full', 'the disk is full');
        return store.putBlob(bytes);
      },
    };
    await expect(runJob(full, spec, walk, { concurrency: 3 })).rejects.toMatchObject({
      problem: 'full',
    });
    const { cells, advance } = counting(0);
    expect(await runJob(store, spec, advance, one)).toEqual(wanted);
    expect(cells).toHaveLength(CELLS - 10);
  });

  it('is refused in a store that holds another job', async () => {
    const store = memoryStore<JobEvent>();
    await runJob(store, spec, walk, one);
    const other = jobSpec({ ...settings, seed: 2 });
    await expect(runJob(store, other, walk, one)).rejects.toThrow(`not ${other.jobHash}`);
  });
});

describe('a job in a folder', () => {
  const runIn = (folder: string, advance: Advance<Walk, number>, job = spec) =>
    inJobStore(folder, job, (store) => runJob(store, job, advance, { concurrency: 2 }));

  it('has one of its own in it, named by its hash; another job begins beside it', async () => {
    const folder = newFolder();
    const other = jobSpec({ ...settings, seed: 2 });
    expect(await runIn(folder, walk)).toEqual(wanted);
    const { cells, advance } = counting(0);
    await runIn(folder, advance, other);
    expect(cells).toHaveLength(CELLS);
    expect(readdirSync(folder).sort()).toEqual([spec.jobHash, other.jobHash].sort());
  });

  it('computes what the disk lost once more, back to the start if need be', async () => {
    const folder = newFolder();
    await runIn(folder, walk);
    const blobs = join(folder, spec.jobHash, 'blobs');
    const names = readdirSync(blobs);
    const log = join(folder, spec.jobHash, 'events.log');
    const half = readFileSync(log, 'utf8').split('\n').slice(0, 25).join('\n');
    const harms: ((name: string) => void)[] = [
      (name) => rmSync(join(blobs, name)),
      (name) => writeFileSync(join(blobs, name), 'rot'),
    ];
    for (const harm of harms) {
      for (const name of names) harm(name);
      writeFileSync(log, `${half}\n`);
      const { cells, advance } = counting(1);
      expect(await runIn(folder, advance)).toEqual(wanted);
      expect(cells).toHaveLength(new Set(cells).size);
    }
    const { cells, advance } = counting(0);
    expect(await runIn(folder, advance)).toEqual(wanted);
    expect(cells).toEqual([]);
  });

  it('raises an alarm where a cell computed again comes to something else', async () => {
    const folder = newFolder();
    await runIn(folder, walk);
    const blobs = join(folder, spec.jobHash, 'blobs');
    for (const name of readdirSync(blobs)) rmSync(join(blobs, name));
    const lying: Advance<Walk, number> = async (cell, stop) => {
      const result = await walk(cell, stop);
      const { path } = result.state;
      path[path.length - 1] += 2 ** -53;
      return result;
    };
    await expect(runIn(folder, lying)).rejects.toThrow(
      /island \d, epoch \d has two results: state/,
    );
  });
});
