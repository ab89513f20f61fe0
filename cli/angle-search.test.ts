/** Searches for beam angles by the built command: the same plan however it is computed. */
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';

const SEARCH = '{ method: beam-angles, candidatesDeg: { from: 0, to: 330, step: 30 }, MORE }';
const SETTINGS = 'islands: 2, epochs: 3, population: 2, generations: 1';

/** Three of twelve beams on a coarse grid: what takes seconds. */
function plan(more = SETTINGS, beams = '{ count: 3, bixelMm: 10 }'): string {
  return [
    'case: phantom:tg119-c-shape',
    'machine: generic-6mv',
    'prescription: { structure: Target, doseGy: 50 }',
    `beams: ${beams}`,
    `search: ${SEARCH.replace('MORE', more)}`,
    'doseGridMm: 6',
    'fractions: 25',
    'objectives:',
    '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
    '  - { structure: Core, type: squared-overdosing, doseGy: 15, weight: 50 }',
    'seed: 4',
  ].join('\n');
}

function folderWith(text: string): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'plan.yaml'), text);
  return folder;
}

async function optimise(folder: string, threads: number) {
  const args = ['optimize', 'plan.yaml', '--out', 'out', '--threads', String(threads), '--json'];
  const { code, stdout, stderr } = await isola(folder, args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as {
    planHash: string;
    search: { best: { value: number; anglesDeg: { gantryDeg: number[] } }; trace: number[] };
    beams: { gantryDeg: number }[];
  };
}

describe('a search for beam angles', () => {
  it('gives the same plan with any number of threads, and killed and taken up again', async () => {
    const whole = await optimise(folderWith(plan()), 2);
    expect(whole.beams.map(({ gantryDeg }) => gantryDeg)).toEqual(
      whole.search.best.anglesDeg.gantryDeg,
    );
    expect(whole.search.trace).toHaveLength(3);
    for (const threads of [1, 4]) {
      expect(await optimise(folderWith(plan()), threads)).toMatchObject({
        planHash: whole.planHash,
        search: whole.search,
      });
    }
    const folder = folderWith(plan());
    const random = new RandomStream(1, 'kills');
    for (let kills = 0; kills < 3; kills++) {
      let seen = 0;
      const last = 6 + random.integer(20, kills, 0, 0, 0);
      await isola(folder, ['optimize', 'plan.yaml', '--out', 'out', '--threads', '2'], {
        onProgress: (text, child) => {
          if (text.includes('beam angles') && ++seen === last) child.kill('SIGKILL');
        },
      });
    }
    expect(existsSync(join(folder, 'out', 'search'))).toBe(true);
    const resumed = await optimise(folder, 2);
    expect(resumed.planHash).toBe(whole.planHash);
    expect(resumed.search).toEqual(whole.search);
  }, 300_000);

  it('keeps the beams of a cache for another run, and mends what changed there', async () => {
    const folder = folderWith(plan());
    const args = ['optimize', 'plan.yaml', '--cache', 'cache', '--cache-memory', '0', '--json'];
    const first = await isola(folder, [...args, '--out', 'one']);
    const [name, ...others] = readdirSync(join(folder, 'cache'));
    expect(others.length).toBeGreaterThan(3);
    cpSync(join(folder, 'cache', others[0]), join(folder, 'cache', name));
    const second = await isola(folder, [...args, '--out', 'two']);
    const hash = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout) as { planHash: string }).planHash;
    expect(hash(second)).toBe(hash(first));
    expect(existsSync(join(folder, 'one', 'search', 'beams'))).toBe(false);
  }, 120_000);

  it('gives the same plan where no beam can be kept, and says so once', async () => {
    const folder = folderWith(plan());
    const { planHash } = await optimise(folderWith(plan()), 2);
    // Seen only when the folder is made.
    symlinkSync(join(folder, 'none', 'cache'), join(folder, 'cache'));
    const args = ['optimize', 'plan.yaml', '--cache', 'cache', '--out', 'out', '--json'];
    const { code, stdout, stderr } = await isola(folder, args);
    expect([code, stderr]).toEqual([
      0,
      'isola: beams are not kept in cache, but computed again: no folder can be made there\n',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ planHash });
  }, 120_000);

  it.each([
    [
      'population: 1',
      '{ count: 3, bixelMm: 10 }',
      /search\.population: 1 is not allowed; allowed: /,
    ],
    ['cooling: 1', '{ count: 3, bixelMm: 10 }', /search\.cooling: 1 is not allowed; allowed: /],
    [SETTINGS, '{ count: 13, bixelMm: 10 }', /beams\.count: .*12/],
    [
      'couchDeg: [90], clearance: trunk, candidatesDeg: [90, 270]',
      '{ count: 2, bixelMm: 10 }',
      /search/,
    ],
  ])('refuses %s with %s in one line', async (more, beams, line) => {
    const text = plan(more, beams).replace(
      /candidatesDeg: \{ from: 0, to: 330, step: 30 \}, (?=couch)/,
      '',
    );
    const folder = folderWith(text);
    const { code, stderr, stdout } = await isola(folder, ['optimize', 'plan.yaml', '--out', 'out']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(line);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('refuses a cache that cannot be written in one line', async () => {
    const folder = folderWith(plan());
    const blocked = join(folder, 'plan.yaml', 'cache');
    const args = ['optimize', 'plan.yaml', '--out', 'out', '--cache', blocked];
    const { code, stderr } = await isola(folder, args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written: .*allowed/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readFileSync(join(folder, 'plan.yaml'), 'utf8')).toBe(plan());
  });
});
