/** Plans made by clusters of real processes: the same as on one machine, whatever dies. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClusterEvent, JobBook } from '@isola/coordinator/jobs';
import { readEvents } from '@isola/coordinator/store';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';
import { type Part, startCoordinator, startWorker } from './cluster-processes.js';

const parts: Part[] = [];

afterAll(async () => {
  await Promise.all(parts.map((part) => part.end()));
});

const tracked = async <P extends Part>(start: Promise<P>): Promise<P> => {
  const part = await start;
  parts.push(part);
  return part;
};

const COMMON = [
  'case: phantom:tg119-c-shape',
  'machine: generic-6mv',
  'prescription: { structure: Target, doseGy: 50 }',
  'doseGridMm: 6',
  'fractions: 25',
  'objectives:',
  '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
  '  - { structure: Core, type: squared-overdosing, doseGy: 15, weight: 50 }',
];
const FREE = 'allowed: another HOST:PORT of this machine, port 0 for any';
const FLUENCE = [...COMMON, 'beams: { gantryDeg: [0, 120, 240], bixelMm: 10 }'].join('\n');
const SHARDS = [FLUENCE, 'optimizer: { shards: 8, maxIterations: 40 }'].join('\n');
const SEARCH = 'method: beam-angles, candidatesDeg: { from: 0, to: 330, step: 30 }';
const ANGLES = [
  ...COMMON,
  'beams: { count: 3, bixelMm: 10 }',
  `search: { ${SEARCH}, islands: 3, epochs: 3, population: 2, generations: 1 }`,
].join('\n');

function folderWith(plan: string): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'plan.yaml'), plan);
  return folder;
}

interface Planned {
  readonly planHash: string;
  readonly status: string;
  readonly search?: { readonly trace: readonly number[] };
}

async function optimise(folder: string, args: readonly string[]): Promise<Planned> {
  const all = ['optimize', 'plan.yaml', '--out', `out-${args.length}`, '--json', ...args];
  const { code, stdout, stderr } = await isola(folder, all);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Planned;
}

async function cluster(folder: string, workers: number) {
  const coordinator = await tracked(startCoordinator(folder));
  const names = Array.from({ length: workers }, (_, i) => `w${i}`);
  const all = await Promise.all(
    names.map((name) => tracked(startWorker(folder, coordinator.address, name))),
  );
  return { ...coordinator, workers: all };
}

const POLL_MS = 20;

const eventsIn = (folder: string) => readEvents<ClusterEvent>(join(folder, 'store'));

/** Cells that the log of a store accepts, each named. */
async function acceptedIn(folder: string): Promise<string[]> {
  const events = await eventsIn(folder);
  expect(new JobBook(events).version).toBe(events.length);
  return events.flatMap((event) =>
    event.type === 'JobMoved' && event.event.type === 'CellAccepted'
      ? [`${event.job} ${event.event.island}@${event.event.epoch}`]
      : [],
  );
}

describe('a cluster', () => {
  it.each([
    ['fluence', FLUENCE],
    ['fluence in shards', SHARDS],
    ['beam angles', ANGLES],
  ])('gives the plan of one machine with 1 and 4 workers: %s', async (_name, plan) => {
    const here = await optimise(folderWith(plan), []);
    for (const count of [1, 4]) {
      const folder = folderWith(plan);
      const { address, end, workers } = await cluster(folder, count);
      const there = await optimise(folder, ['--coordinator', address]);
      expect(there.planHash).toBe(here.planHash);
      expect(there.search).toEqual(here.search);
      await Promise.all([...workers.map((worker) => worker.end()), end()]);
    }
  });

  it('gives it whoever is killed, workers or coordinator, and computes nothing twice', async () => {
    const here = await optimise(folderWith(ANGLES), []);
    const folder = folderWith(ANGLES);
    const first = await cluster(folder, 2);
    const planned = optimise(folder, ['--coordinator', first.address]);
    const until = async (cells: number) => {
      while ((await acceptedIn(folder)).length < cells) await pause(POLL_MS);
    };
    await until(2);
    await first.workers[0].end();
    await tracked(startWorker(folder, first.address, 'w2'));
    await until(4);
    await first.end();
    const kept = await acceptedIn(folder);
    await tracked(startCoordinator(folder, ['--listen', first.address]));
    await until(6);
    await first.workers[1].end();
    expect((await planned).planHash).toBe(here.planHash);
    const accepted = await acceptedIn(folder);
    expect(accepted.slice(0, kept.length)).toEqual(kept);
    expect(new Set(accepted).size).toBe(accepted.length);
    expect(accepted).toHaveLength(10);
  });

  it('knows a plan that it has made, and gives it without a worker', async () => {
    const folder = folderWith(FLUENCE);
    const { address, workers } = await cluster(folder, 1);
    const once = await optimise(folder, ['--coordinator', address]);
    await workers[0].end();
    expect((await optimise(folder, ['--coordinator', address])).planHash).toBe(once.planHash);
    const { stdout } = await isola(folder, ['jobs', '--coordinator', address, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ jobs: [{ state: 'succeeded', cellsAccepted: 1 }] });
  });

  it('ends a job that is cancelled with the best so far', async () => {
    const folder = folderWith(ANGLES.replace('epochs: 3', 'epochs: 500'));
    const { address } = await cluster(folder, 2);
    const planned = optimise(folder, ['--coordinator', address]).catch((error: unknown) => error);
    const hasBest = async () =>
      (await eventsIn(folder)).some(
        (event) => event.type === 'JobMoved' && event.event.type === 'EpochSealed',
      );
    while (!(await hasBest())) await pause(POLL_MS);
    const { stdout } = await isola(folder, ['jobs', '--coordinator', address, '--json']);
    const [job] = (JSON.parse(stdout) as { jobs: { job: string; best: number | null }[] }).jobs;
    expect(job.best).toEqual(expect.any(Number));
    const { code } = await isola(folder, ['cancel', job.job, '--coordinator', address]);
    expect(code).toBe(0);
    const { planHash, search } = (await planned) as Planned;
    expect(planHash).toMatch(/^[0-9a-f]{64}$/);
    expect(search?.trace.length).toBeGreaterThanOrEqual(1);
  });

  it('lets a worker that is told to end bring to an end what it has', async () => {
    const folder = folderWith(FLUENCE);
    const { address, workers } = await cluster(folder, 1);
    const planned = optimise(folder, ['--coordinator', address]);
    const isLeased = async () => {
      const { stdout } = await isola(folder, ['jobs', '--coordinator', address, '--json']);
      return stdout.includes('running');
    };
    while (!(await isLeased()));
    await workers[0].end('SIGTERM');
    expect(workers[0].child.exitCode).toBe(0);
    expect((await planned).status).toBe('converged');
  });
});

describe('what cannot be', () => {
  it('is said in one line', async () => {
    const folder = folderWith(FLUENCE);
    const { address } = await cluster(folder, 0);
    const refused = async (args: readonly string[]) => {
      const { code, stderr } = await isola(folder, args);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      return [code, stderr.trim()];
    };
    expect(await refused(['cancel', 'no-such-job', '--coordinator', address])).toEqual([
      5,
      `isola: coordinator ${address}: there is no job "no-such-job"`,
    ]);
    const [code, line] = await refused(['optimize', 'plan.yaml', '--coordinator', '127.0.0.1:9']);
    expect(code).toBe(4);
    expect(line).toContain('coordinator 127.0.0.1:9: cannot be reached; allowed:');
    expect(
      await refused(['serve', '--listen', address, '--store', 'other', '--http', 'none']),
    ).toEqual([2, `isola: --listen: ${address} is in use by another program; ${FREE}`]);
    expect((await refused(['serve', '--store', 'store', '--listen', '127.0.0.1:0']))[0]).toBe(2);
    expect((await refused(['serve', '--listen', '0.0.0.0:0']))[1]).toContain('certificates');
    expect(existsSync(join(folder, 'isola-out'))).toBe(false);
  });
});
