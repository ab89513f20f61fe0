/** `isola up`: a whole cluster with certificates, and that nothing of it is left behind. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsServerProblem } from '@isola/coordinator/nats';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';
import { type Part, startPart } from './cluster-processes.js';

const PLAN = [
  'case: phantom:tg119-c-shape',
  'machine: generic-6mv',
  'prescription: { structure: Target, doseGy: 50 }',
  'beams: { gantryDeg: [0, 120, 240], bixelMm: 10 }',
  'doseGridMm: 6',
  'fractions: 25',
  'objectives:',
  '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
].join('\n');

const parts: Part[] = [];
afterAll(() => Promise.all(parts.map((part) => part.end())));

async function up(folder: string, ...args: readonly string[]): Promise<Part> {
  const place = ['--listen', '127.0.0.1:0', '--http', 'none', '--workers', '1'];
  const part = await startPart(folder, ['up', ...place, ...args], /--coordinator (\S+)$/);
  parts.push(part);
  return part;
}

/** Processes that one has started and that live, with what they are. */
function childrenOf({ child }: Part): { readonly pid: number; readonly args: string }[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [, ppid, pid, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === child.pid ? [{ pid: Number(pid), args }] : [];
  });
}

function isAlive({ pid }: { readonly pid: number }): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const allGone = (children: ReturnType<typeof childrenOf>) =>
  expect.poll(() => children.filter(isAlive), { timeout: 30_000 }).toEqual([]);

describe.skipIf(natsServerProblem() !== '')('a cluster of isola up', () => {
  it('with certificates makes the plan of one machine, and none without', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'plan.yaml'), PLAN);
    await isola(folder, ['certs']);
    const whole = await up(folder, '--certs', 'certs', '--nats', '3', '--coordinators', '2');
    const optimize = async (...args: readonly string[]) => {
      const all = ['optimize', 'plan.yaml', '--json', '--out', `out${args.length}`, ...args];
      const { code, stdout, stderr } = await isola(folder, all);
      return { code, stderr, hash: /"planHash":\s*"(\w+)"/.exec(stdout)?.[1] };
    };
    const cluster = ['--coordinator', whole.said[1]];
    const here = await optimize();
    expect([here.code, here.hash?.length]).toEqual([0, 64]);
    expect(await optimize(...cluster, '--certs', 'certs')).toEqual(here);
    expect((await optimize(...cluster)).code).toBe(4);
    const children = childrenOf(whole);
    await whole.end('SIGTERM');
    await allGone(children);
  });

  it('leaves no process behind, also where it is killed', async () => {
    const whole = await up(emptyFolder(), '--nats', '1');
    const children = childrenOf(whole);
    for (const name of ['isola.js serve', 'isola.js worker', 'nats-server']) {
      expect(children.some(({ args }) => args.includes(name))).toBe(true);
    }
    await whole.end('SIGKILL');
    await allGone(children);
  });

  it('has its store for itself, until it has ended', async () => {
    const folder = emptyFolder();
    const whole = await up(folder, '--nats', '1');
    const second = await isola(folder, ['up', '--listen', '127.0.0.1:0', '--nats', '3']);
    expect([second.code, second.stdout]).toEqual([2, '']);
    const who = `process ${whole.child.pid} works here; wait for it`;
    expect(second.stderr).toBe(`isola: ${join('isola-cluster', 'nats')}: ${who}\n`);
    await whole.end('SIGTERM');
    const left = readdirSync(join(folder, 'isola-cluster', 'nats'));
    expect(left.filter((name) => name.startsWith('lock.'))).toEqual([]);
  });
});

it('isola up wants the certificate of its NATS servers, and starts nothing without', async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'certs'));
  const { code, stdout, stderr } = await isola(folder, ['up', '--certs', 'certs', '--nats', '1']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^isola: \S+ca.crt: does not exist\n$/);
});
