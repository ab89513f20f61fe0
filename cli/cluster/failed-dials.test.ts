/** What a worker says where it finds no coordinator that takes it. */
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@isola/coordinator/nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyFolder, isola } from '../built-command.js';
import { type Part, startCoordinator } from '../cluster-processes.js';

const parts: Part[] = [];
let folder: string;

beforeAll(async () => {
  folder = emptyFolder();
  await isola(folder, ['certs']);
});

afterAll(() => Promise.all(parts.map((part) => part.end())));

async function coordinator(at: string, ...args: readonly string[]): Promise<string> {
  const part = await startCoordinator(emptyFolder(), ['--listen', at, ...args]);
  parts.push(part);
  return part.address;
}

const guarded = () => coordinator('127.0.0.1:0', '--certs', join(folder, 'certs'));

/** Runs a worker until it has said what it is told to end at. */
function worker(place: string, args: readonly string[], end: RegExp, hear = (_: string) => {}) {
  const all = ['worker', '--coordinator', place, '--name', 'w', '--threads', '1', ...args];
  return isola(emptyFolder(), all, {
    onProgress: (text, child) => {
      hear(text);
      if (end.test(text)) child.kill('SIGTERM');
    },
  });
}

it('says once where nobody is, and is attached when somebody comes', async () => {
  const [nobody, later] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
  const coming: Promise<string>[] = [];
  const begin = (text: string) => {
    const isFirst = text.includes('dialling again') && coming.length === 0;
    if (isFirst) coming.push(coordinator(later));
  };
  const { code, stderr } = await worker(`${nobody},${later}`, [], /"attached"/, begin);
  await Promise.all(coming);
  expect(code).toBe(0);
  const said = stderr.split('\n').filter((line) => line.startsWith('worker'));
  const refused = (at: string) =>
    `worker w: coordinator ${at}: connect ECONNREFUSED ${at}; dialling again`;
  expect(said).toEqual([refused(nobody), refused(later)]);
});

it('says why it does not trust a coordinator, which may be replaced', async () => {
  const elsewhere = emptyFolder();
  await isola(elsewhere, ['certs']);
  const at = await guarded();
  const certs = ['--certs', join(elsewhere, 'certs')];
  const { code, stderr } = await worker(at, certs, /dialling again/);
  expect([code, stderr]).toEqual([
    0,
    `worker w: coordinator ${at}: self-signed certificate in certificate chain; dialling again\n`,
  ]);
});

it('ends with code 2 where its certificate is no worker', async () => {
  const other = join(emptyFolder(), 'certs');
  cpSync(join(folder, 'certs'), other, { recursive: true });
  for (const kind of ['crt', 'key']) {
    copyFileSync(join(other, `default-planner.${kind}`), join(other, `worker.${kind}`));
  }
  const at = await guarded();
  const { code, stdout, stderr } = await worker(at, ['--certs', other], /dialling again/);
  const line = `isola: coordinator ${at}: this role may not make this call\n`;
  expect([code, stdout, stderr]).toEqual([2, '', line]);
});

it.each([0, 257])('is refused at once with a name of %i characters', async (count) => {
  const { code, stdout, stderr } = await isola(folder, ['worker', '--name', 'w'.repeat(count)]);
  const line = `isola: --name: has ${count} characters; allowed: 1 to 256 characters\n`;
  expect([code, stdout, stderr]).toEqual([2, '', line]);
});
