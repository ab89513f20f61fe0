/** The toy job in a process of its own, killed again and again. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CellAccepted, type CellPlace, Job, type JobEvent } from '@isola/coordinator/jobs';
import { memoryStore, readEvents } from '@isola/coordinator/store';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { runJob } from './run-job.js';
import { outcomeHash, toyAdvance, toySpec } from './toy-archipelago.js';

const MODULE = new URL('../dist/local/toy-archipelago.js', import.meta.url).href;
const CODE = `
  const { toyMain } = await import(process.argv[1]);
  await toyMain(process.argv[2], Number(process.argv[3]));
`;
const KILLS = 20;
const CELLS = 4 * 30;
const random = new RandomStream(20, 'kill.test');

type Line =
  | JobEvent
  | ({ readonly type: 'Computing' } & CellPlace)
  | { readonly type: 'Outcome'; readonly hash: string };

/** Runs the job; kills it once it has reported `cells` cells. Gives what it reported. */
function run(folder: string, concurrency: number, cells: number): Promise<Line[]> {
  const args = ['--input-type=module', '-e', CODE, MODULE, folder, String(concurrency)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (text.split('CellAccepted').length > cells) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      // The last line may have been cut.
      const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
      resolve(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line));
    });
  });
}

const accepted = (lines: readonly Line[]): CellAccepted[] =>
  lines.filter((line) => line.type === 'CellAccepted');
const place = ({ island, epoch }: CellPlace) => `${island}@${epoch}`;

async function eventsIn(folder: string): Promise<readonly JobEvent[]> {
  const jobFolder = join(folder, toySpec(1).jobHash);
  return existsSync(jobFolder) ? readEvents<JobEvent>(jobFolder) : [];
}

/** Runs the job to its end through so many kills. Gives the hash of its outcome. */
async function runThroughKills(folder: string, concurrency: number): Promise<string> {
  for (let kills = 0; ; kills++) {
    const before = new Set(accepted(await eventsIn(folder)).map(place));
    const cells = kills < KILLS ? 1 + random.integer(5, concurrency, kills, 0, 0) : Infinity;
    const lines = await run(folder, concurrency, cells);
    const computed = lines.filter((line) => line.type === 'Computing').map(place);
    expect(computed.filter((cell) => before.has(cell))).toEqual([]);
    expect(computed).toHaveLength(new Set(computed).size);
    const after = new Set(accepted(await eventsIn(folder)).map(place));
    expect(accepted(lines).filter((cell) => !after.has(place(cell)))).toEqual([]);
    const last = lines.at(-1);
    if (last?.type !== 'Outcome') continue;
    expect(kills).toBe(KILLS);
    return last.hash;
  }
}

describe('a job whose process is killed with SIGKILL and given again', () => {
  it.each([1, 2, 4])('comes to the same and computes no cell again, %i at a time', async (n) => {
    const spec = toySpec(1);
    const wanted = await runJob(memoryStore<JobEvent>(), spec, toyAdvance, { concurrency: 1 });
    const folder = mkdtempSync(join(tmpdir(), 'isola-kill-'));
    expect(await runThroughKills(folder, n)).toBe(outcomeHash(wanted));
    const events = await eventsIn(folder);
    expect(accepted(events)).toHaveLength(CELLS);
    expect(new Job(events).done).toMatchObject({ reason: 'epochs-done', epoch: 29 });
  });
});
