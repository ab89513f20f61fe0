/** Threads that do not stop, beside others that do their work. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { CellComputer } from './cell-computer.js';
import { REVOKED } from './cell-job.js';

/** Answers with the number of its thread; a cell `hang` never ends, `sleep` waits to be told. */
const SOURCE = `
  import { threadId } from 'node:worker_threads';
  export default async function compute({ key, flag, company }) {
    if (key.startsWith('hang')) for (;;);
    const view = new Int32Array(flag);
    if (key === 'sleep') while (view[0] === 0) await new Promise((go) => setTimeout(go, 5));
    company?.close();
    return { type: 'done', output: threadId };
  }
`;
const folder = mkdtempSync(join(tmpdir(), 'isola-thread-'));
const thread = join(folder, 'thread.mjs');
writeFileSync(thread, SOURCE);
afterAll(() => rmSync(folder, { recursive: true }));

const setup = { threads: 1, cacheFolder: '', memoryBytes: 1, version: '1' };
const computers: CellComputer[] = [];

function computer(graceMs: number): CellComputer {
  const made = new CellComputer(setup, 2, { thread, graceMs });
  computers.push(made);
  return made;
}

afterEach(async () => {
  for (const each of computers.splice(0)) await each.close();
});

const order = (key: string) => ({
  ...{ key, isFinish: false, subject: 's', fetchSubject: () => Promise.reject(new Error('none')) },
  cell: { seed: 1, island: 0, epoch: 0, state: null, immigrants: [] },
});
const revoked = { type: 'revoked' };

describe('a cell that does not stop when nobody needs it', () => {
  it('loses its thread, and the next cell has a new one', async () => {
    const cells = computer(50);
    const { output: before } = (await cells.compute(order('a'))) as { output: unknown };
    const hanging = cells.compute(order('hang'));
    cells.stop('hang', REVOKED);
    expect(await hanging).toEqual(revoked);
    const { type, output: after } = (await cells.compute(order('b'))) as Record<string, unknown>;
    expect(type).toBe('done');
    expect(after).not.toBe(before);
  });

  it('does no harm to those beside it: they are computed again', async () => {
    const cells = computer(50);
    const beside = cells.compute(order('sleep'));
    const hanging = cells.compute(order('hang'));
    cells.stop('hang', REVOKED);
    expect(await hanging).toEqual(revoked);
    cells.stop('sleep', 1);
    expect(await beside).toMatchObject({ type: 'done' });
  });

  it('leaves no port open to those who help it', async () => {
    const cells = computer(50);
    const ports: MessagePort[] = [];
    cells.lead = (port) => void ports.push(port);
    const hanging = cells.compute(order('hang'));
    const [port] = ports;
    const closed = once(port, 'close');
    cells.stop('hang', REVOKED);
    expect(await hanging).toEqual(revoked);
    await closed;
  });
});

it('a cell that stops in time keeps its thread', async () => {
  const cells = computer(60_000);
  const { output: before } = (await cells.compute(order('a'))) as { output: unknown };
  const sleeping = cells.compute(order('sleep'));
  cells.stop('sleep', REVOKED);
  expect(await sleeping).toEqual(revoked);
  expect(await cells.compute(order('b'))).toEqual({ type: 'done', output: before });
});
