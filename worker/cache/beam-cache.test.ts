import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { beamCache } from './index.js';

const emptyFolder = () => mkdtempSync(join(tmpdir(), 'isola-cache-'));
const keyOf = (text: string) => createHash('sha256').update(text).digest('hex');
const [key, other] = [keyOf('one'), keyOf('other')];
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) % 251);

/** A cache with one beam, and the file that it is in. */
async function filled(): Promise<{ folder: string; file: string }> {
  const folder = join(emptyFolder(), 'deep', 'cache');
  await beamCache(folder).put(key, bytes);
  return { folder, file: join(folder, readdirSync(folder)[0]) };
}

describe('beamCache', () => {
  it('gives back what was put, to another run too', async () => {
    const { folder } = await filled();
    expect(new Uint8Array((await beamCache(folder).get(key)) ?? [])).toEqual(bytes);
    await beamCache(folder).put(other, new Uint8Array(0));
    expect(await beamCache(folder).get(other)).toHaveLength(0);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('takes shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const cache = beamCache(emptyFolder());
    await cache.put(key, shared);
    expect(new Uint8Array((await cache.get(key)) ?? [])).toEqual(bytes);
  });

  it('holds nothing before something is put', async () => {
    const folder = join(emptyFolder(), 'absent');
    expect(await beamCache(folder).get(key)).toBeNull();
    expect(await beamCache((await filled()).folder).get(other)).toBeNull();
  });

  it('takes the last of two under one key, and both may write at once', async () => {
    const { folder } = await filled();
    await Promise.all(Array.from({ length: 8 }, () => beamCache(folder).put(key, bytes)));
    expect(await beamCache(folder).get(key)).toHaveLength(bytes.length);
    await beamCache(folder).put(key, Uint8Array.of(7));
    expect(await beamCache(folder).get(key)).toEqual(Buffer.of(7));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('sees any changed byte and any cut, removes the file, and takes it anew', async () => {
    const { folder, file } = await filled();
    const good = readFileSync(file);
    const changed = (at: number) => good.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const bad = [
      ...[0, 31, 32, 500, good.length - 1].map(changed),
      ...[0, 1, 31, 32, 33, good.length - 1].map((length) => good.subarray(0, length)),
      Buffer.concat([good, Buffer.of(0)]),
    ];
    for (const content of bad) {
      writeFileSync(file, content);
      expect(await beamCache(folder).get(key)).toBeNull();
      expect(readdirSync(folder)).toEqual([]);
    }
    await beamCache(folder).put(key, bytes);
    expect(await beamCache(folder).get(key)).toHaveLength(bytes.length);
  });

  it('does not take the file of one beam for another', async () => {
    const { folder, file } = await filled();
    await beamCache(folder).put(other, Uint8Array.of(7));
    copyFileSync(file, join(folder, `${other}.beam`));
    expect(await beamCache(folder).get(other)).toBeNull();
    expect(await beamCache(folder).get(key)).toHaveLength(bytes.length);
  });

  it.each(['', 'x', '../'.repeat(20), key.toUpperCase(), `${key}0`, `${key}\n`])(
    'takes no key %j',
    async (wrong) => {
      const cache = beamCache(emptyFolder());
      await expect(async () => cache.get(wrong)).rejects.toThrow('64 hexadecimal digits');
      await expect(async () => cache.put(wrong, bytes)).rejects.toThrow('64 hexadecimal digits');
    },
  );

  it('keeps nothing where a file is in the way, and says so once', async () => {
    const { file } = await filled();
    for (const folder of [file, join(file, 'deeper')]) {
      const lines: string[] = [];
      const cache = beamCache(folder, { onUnkept: (line) => lines.push(line) });
      for (const each of [key, other]) await cache.put(each, bytes);
      expect(await cache.get(key)).toBeNull();
      expect(lines).toEqual([
        `beams are not kept in ${folder}, but computed again: a file is in the way`,
      ]);
    }
  });
});

describe('the size of a folder', () => {
  const keys = Array.from({ length: 6 }, (_, i) => keyOf(`beam ${i}`));
  const maxBytes = 4.5 * bytes.length;

  /** Which of the keys a folder has. */
  const kept = (folder: string) =>
    keys.filter((each) => readdirSync(folder).includes(`${each}.beam`));

  /** A folder with as many beams as there is room for, each used before the next. */
  async function full(): Promise<string> {
    const folder = emptyFolder();
    for (const [i, each] of keys.slice(0, 4).entries()) {
      await beamCache(folder).put(each, bytes);
      utimesSync(join(folder, `${each}.beam`), i, i);
    }
    return folder;
  }

  it('is kept: those not used for the longest make room, whoever has put them', async () => {
    const folder = await full();
    await beamCache(folder, { maxBytes }).get(keys[0]);
    const caches = [0, 1].map(() => beamCache(folder, { maxBytes }));
    await Promise.all(caches.map((cache, i) => cache.put(keys[4 + i], bytes)));
    expect(kept(folder)).toEqual([keys[0], ...keys.slice(3)]);
    expect(await caches[1].get(keys[4])).toHaveLength(bytes.length);
    expect(await caches[1].get(keys[1])).toBeNull();
  });

  it('counts beams only, and nothing else is removed', async () => {
    const folder = await full();
    const others = ['notes.beam', `${key}.beam.old`, `x${key}.beam`];
    for (const name of others) writeFileSync(join(folder, name), new Uint8Array(1e5));
    mkdirSync(join(folder, 'deep'));
    await beamCache(folder, { maxBytes }).put(keys[4], bytes);
    expect(kept(folder)).toEqual(keys.slice(1, 5));
    expect(readdirSync(folder)).toEqual(expect.arrayContaining([...others, 'deep']));
  });

  it('does not grow by what killed processes were writing', async () => {
    const folder = emptyFolder();
    const unfinished = (id: string) => join(folder, `${key}.beam.${id}.tmp`);
    const [left, inWork] = [randomUUID(), randomUUID()].map(unfinished);
    for (const path of [left, inWork]) writeFileSync(path, bytes);
    utimesSync(left, new Date(), new Date(Date.now() - 3_600_000));
    await beamCache(folder).put(other, bytes);
    expect(readdirSync(folder).sort()).toEqual([basename(inWork), `${other}.beam`].sort());
  });
});

const CACHE = fileURLToPath(new URL('../dist/cache/index.js', import.meta.url));

/** Puts forty beams of 100 KiB; says how many are kept, how it ended, and what is in the folder. */
const FILL = `
  const { beamCache } = await import(process.argv[1]);
  const { readdirSync } = await import('node:fs');
  const folder = process.argv[2];
  const keys = Array.from({ length: 40 }, (_, i) => String(i).padStart(64, '0'));
  const lines = [];
  const cache = beamCache(folder, { onUnkept: (line) => lines.push(line) });
  for (const key of keys) {
    if ((await cache.get(key)) !== null) continue;
    await cache.put(key, new Uint8Array(102400).fill(Number(key)));
  }
  let kept = 0;
  for (const key of keys) {
    const bytes = await cache.get(key);
    if (bytes !== null && bytes.length === 102400 && bytes[7] === Number(key)) kept++;
  }
  console.log(JSON.stringify({ kept, files: readdirSync(folder).length, lines }));
`;

const MOUNT = 'mount -t tmpfs -o size=3m isola "$DISK"';
const UNMOUNT = `trap 'umount "$DISK"' EXIT`;
/** Shells in which one may mount: one's own as root, else one in name spaces of its own. */
const SHELLS = [[], ['unshare', '--user', '--map-root-user', '--mount']];
const mounting = SHELLS.find((shell) => run(shell, `${MOUNT} && umount "$DISK"`).status === 0);

function run(shell: readonly string[], script: string) {
  const fill = 'fill() { "$NODE" --input-type=module -e "$FILL" "$CACHE" "$DISK"; }';
  const [command, ...args] = [...shell, 'bash', '-c', `set -e; ${fill}; ${script}`];
  const DISK = emptyFolder();
  const env = { ...process.env, NODE: process.execPath, FILL, CACHE, DISK };
  return { DISK, ...spawnSync(command, args, { encoding: 'utf8', env }) };
}

function reports(script: string) {
  const { DISK, status, stdout, stderr } = run(mounting ?? [], script);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.replaceAll(DISK, 'DISK').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { kept: number; files: number; lines: string[] });
}

describe.skipIf(mounting === undefined)('beamCache on a disk', () => {
  it('that is full says so once, keeps what is whole, and goes on with space', () => {
    const [full, after] = reports(
      `${MOUNT}; ${UNMOUNT}; fill; mount -o remount,size=9m "$DISK"; fill`,
    );
    expect(full.lines).toEqual([
      'beams are not kept in DISK, but computed again: the disk is full',
    ]);
    expect(full.kept).toBeGreaterThan(20);
    expect(full.kept).toBeLessThan(40);
    expect(full.files).toBe(full.kept);
    expect(after).toEqual({ kept: 40, files: 40, lines: [] });
  });

  it('that is read-only says so once, and is read', () => {
    const script = `${MOUNT.replace('3m', '9m')}; ${UNMOUNT}; fill; rm "$DISK"/*1.beam;
      mount -o remount,ro "$DISK"; fill`;
    expect(reports(script)[1]).toEqual({
      ...{ kept: 36, files: 36 },
      lines: ['beams are not kept in DISK, but computed again: the disk is read-only'],
    });
  });
});
