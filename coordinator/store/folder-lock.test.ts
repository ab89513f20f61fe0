import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'isola-lock-'));

/** Takes the lock in a process of its own and holds it; `in` or `out` on stdout. */
const HOLDER = `
  const { fileStore } = await import(process.argv[1]);
  try {
    await fileStore(process.argv[2]);
    console.log('in');
    setInterval(() => {}, 1e6);
  } catch (error) {
    console.log('out', error.problem);
  }
`;

interface Holder {
  readonly pid: number | undefined;
  /** Its first words. */
  readonly said: Promise<string>;
  kill(): Promise<unknown>;
}

function holder(folder: string): Holder {
  const store = new URL('../dist/store/index.js', import.meta.url).href;
  const args = ['--input-type=module', '-e', HOLDER, store, folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const said = once(child.stdout, 'data').then(([data]) => String(data).trim());
  return {
    ...{ pid: child.pid, said },
    kill: () => {
      child.kill('SIGKILL');
      return closed;
    },
  };
}

describe('the lock of a folder', () => {
  it('keeps out who comes second, also in the same process, until it is let go', () => {
    const folder = newFolder();
    const release = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`process ${process.pid} works here; wait for it`);
    release();
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps other processes out, and none once its holder was killed', async () => {
    const folder = newFolder();
    for (let round = 0; round < 3; round++) {
      const { pid, said, kill } = holder(folder);
      expect(await said).toBe('in');
      expect(() => lockFolder(folder)).toThrow(`process ${pid} works here`);
      await kill();
    }
    lockFolder(folder)();
  });

  it('lets in at most one of many that come at once', async () => {
    const folder = newFolder();
    const holders = Array.from({ length: 6 }, () => holder(folder));
    const said = await Promise.all(holders.map((each) => each.said));
    expect(said.filter((word) => word === 'in').length).toBeLessThanOrEqual(1);
    expect(said.every((word) => word === 'in' || word === 'out in-use')).toBe(true);
    await Promise.all(holders.map(({ kill }) => kill()));
    lockFolder(folder)();
  });

  it('is no longer held where its process number belongs to another process now', () => {
    const folder = newFolder();
    const host = encodeURIComponent(hostname()).replaceAll('.', '%2E');
    writeFileSync(join(folder, `lock.${host}.${process.pid}.0000abcd-17.0`), '');
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken from another machine, whose processes nobody here can see', () => {
    const folder = newFolder();
    const theirs = 'lock.ward%2Eexample.17.0000abcd-17.0';
    writeFileSync(join(folder, theirs), '');
    expect(() => lockFolder(folder)).toThrow(
      `process 17 of ward.example works here; if that is over, delete ${join(folder, theirs)}`,
    );
    expect(readdirSync(folder)).toEqual([theirs]);
  });
});
