import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('says in one line that a file is in the way', async () => {
    const { file } = await filled();
    for (const folder of [file, join(file, 'deeper')]) {
      expect(await beamCache(folder).get(key)).toBeNull();
      await expect(beamCache(folder).put(key, bytes)).rejects.toThrow(
        `${folder}: cannot be written: a file is in the way; allowed: a folder that can be written`,
      );
    }
  });
});

const CACHE = fileURLToPath(new URL('../dist/cache/index.js', import.meta.url));

/** Puts forty beams of 100 KiB; says how many are kept, how it ended, and what is in the folder. */
const FILL = `
  const { beamCache } = await import(process.argv[1]);
  const { readdirSync } = await import('node:fs');
  const folder = process.argv[2];
  const keys = Array.from({ length: 40 }, (_, i) => String(i).padStart(64, '0'));
  let message = '';
  for (const key of keys) {
    if ((await beamCache(folder).get(key)) !== null) continue;
    await beamCache(folder).put(key, new Uint8Array(102400).fill(Number(key))).catch((error) => {
      message ||= error.name + ' ' + error.message;
    });
  }
  let kept = 0;
  for (const key of keys) {
    const bytes = await beamCache(folder).get(key);
    if (bytes !== null && bytes.length === 102400 && bytes[7] === Number(key)) kept++;
  }
  console.log(JSON.stringify({ kept, files: readdirSync(folder).length, message }));
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
  return lines.map((line) => JSON.parse(line) as { kept: number; files: number; message: string });
}

describe.skipIf(mounting === undefined)('beamCache on a disk', () => {
  it('that is full says so in one line, keeps what is whole, and goes on with space', () => {
    const [full, after] = reports(
      `${MOUNT}; ${UNMOUNT}; fill; mount -o remount,size=9m "$DISK"; fill`,
    );
    expect(full.message).toBe(
      'InputError DISK: cannot be written: the disk is full; nothing that was finished is lost',
    );
    expect(full.kept).toBeGreaterThan(20);
    expect(full.kept).toBeLessThan(40);
    expect(full.files).toBe(full.kept);
    expect(after).toEqual({ kept: 40, files: 40, message: '' });
  });

  it('that is read-only says so in one line, and is read', () => {
    const script = `${MOUNT.replace('3m', '9m')}; ${UNMOUNT}; fill; rm "$DISK"/*1.beam;
      mount -o remount,ro "$DISK"; fill`;
    expect(reports(script)[1]).toEqual({
      ...{ kept: 36, files: 36 },
      message:
        'InputError DISK: cannot be written: the disk is read-only; ' +
        'allowed: a folder that can be written',
    });
  });
});
