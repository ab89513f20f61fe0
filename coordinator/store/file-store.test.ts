import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentId } from './content-id.js';
import { fileStore, readEvents } from './file-store.js';
import { readLog } from './log-record.js';
import { storeLaws } from './store-laws.js';

interface Numbered {
  readonly n: number;
}

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'isola-store-')), 'a', 'b');
const bytes = (text: string) => new TextEncoder().encode(text);

/** A closed store with these many events; gives its folder and its log. */
async function storeWith(count: number): Promise<{ folder: string; log: string }> {
  const folder = newFolder();
  const store = await fileStore<Numbered>(folder);
  for (let n = 0; n < count; n++) await store.append({ n }, n);
  await store.close();
  return { folder, log: join(folder, 'events.log') };
}

const numbers = (events: readonly Numbered[]) => events.map(({ n }) => n);

describe('fileStore', () => {
  it.each(storeLaws.map((law) => [law.name, law] as const))('%s', (_name, law) => {
    const folder = newFolder();
    return law.check(() => fileStore(folder));
  });

  it('keeps what lies beside it, and leaves only its own', async () => {
    const { folder } = await storeWith(2);
    expect(readdirSync(folder).sort()).toEqual(['blobs', 'events.log']);
  });

  it('is made below the working directory as well, whatever its name', async () => {
    const place = relative(process.cwd(), mkdtempSync(join(tmpdir(), 'isola-store-')));
    for (const name of ['d', 'd/e', '.']) {
      const store = await fileStore<Numbered>(join(place, name));
      await store.append({ n: 1 }, 0);
      await store.close();
    }
    const above = process.cwd();
    process.chdir(place);
    try {
      await (await fileStore<Numbered>('x')).close();
      expect(readdirSync('x')).toEqual(['blobs', 'events.log']);
    } finally {
      process.chdir(above);
    }
  });
});

describe('a log after a crash', () => {
  it('has every whole record wherever the last one was cut, and goes on behind it', async () => {
    const { folder, log } = await storeWith(3);
    const whole = readFileSync(log);
    const lastStart = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (let length = lastStart; length < whole.length; length += 7) {
      writeFileSync(log, whole.subarray(0, length));
      const store = await fileStore<Numbered>(folder);
      expect(numbers(await store.load())).toEqual([0, 1]);
      await store.append({ n: 2 }, 2);
      await store.close();
      expect(readFileSync(log)).toEqual(whole);
    }
  });

  it('leaves out a last record of which blocks never reached the disk', async () => {
    const { log } = await storeWith(3);
    const whole = readFileSync(log);
    const lastStart = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (const [from, to] of [
      [lastStart, whole.length],
      [lastStart, lastStart + 40],
      [lastStart + 30, whole.length],
    ]) {
      const holed = Buffer.from(whole).fill(0, from, to);
      expect(numbers(readLog<Numbered>(holed, log).events)).toEqual([0, 1]);
    }
  });

  it('can be read while it is in use', async () => {
    const folder = newFolder();
    const store = await fileStore<Numbered>(folder);
    await store.append({ n: 0 }, 0);
    expect(numbers(await readEvents<Numbered>(folder))).toEqual([0]);
    await store.close();
  });
});

describe('a log that has changed', () => {
  it('is refused whichever bit of it flips: no acknowledged record is left out', async () => {
    const { log } = await storeWith(3);
    const whole = readFileSync(log);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => readLog(flipped, log)).toThrow('is damaged');
    }
  });

  it('is refused where records are missing, doubled or in another order', async () => {
    const { log } = await storeWith(3);
    const [a, b, c] = readFileSync(log, 'utf8').split(/(?<=\n)/);
    for (const lines of [
      [b, c],
      [a, c],
      [a, b, b, c],
      [a, c, b],
      [a, b, 'x\n', c],
    ]) {
      expect(() => readLog(bytes(lines.join('')), log)).toThrow('is damaged');
    }
  });

  it('is refused with the file, the record and what to do, and is left as it is', async () => {
    const { folder, log } = await storeWith(3);
    const text = readFileSync(log, 'utf8').replace('{"n":1}', '{"n":7}');
    writeFileSync(log, text);
    await expect(fileStore(folder)).rejects.toMatchObject({
      problem: 'damaged',
      message:
        `${log}: record 2 (line 2) is damaged; put a copy of the file back, or delete line 2 ` +
        'and all after it: what they held is computed again',
    });
    expect(readFileSync(log, 'utf8')).toBe(text);
    writeFileSync(log, text.slice(0, text.indexOf('\n') + 1));
    const store = await fileStore<Numbered>(folder);
    expect(numbers(await store.load())).toEqual([0]);
    await store.close();
  });
});

describe('a blob in a folder', () => {
  it('is lost where its file is gone or has changed, and comes back when kept again', async () => {
    const folder = newFolder();
    const store = await fileStore(folder);
    const id = await store.putBlob(bytes('content'));
    const file = join(folder, 'blobs', id);
    const harms = [
      () => rmSync(file),
      () => writeFileSync(file, 'c0ntent'),
      () => writeFileSync(file, 'cont'),
      () => writeFileSync(file, ''),
    ];
    for (const harm of harms) {
      harm();
      await expect(store.getBlob(id)).rejects.toMatchObject({ problem: 'blob-lost' });
      expect(await store.putBlob(bytes('content'))).toBe(id);
      expect(contentId(await store.getBlob(id))).toBe(id);
    }
    await store.close();
  });

  it('leaves nothing half-written behind', async () => {
    const { folder } = await storeWith(0);
    writeFileSync(join(folder, 'blobs', '7.part'), 'cut by a cra');
    await (await fileStore(folder)).close();
    expect(readdirSync(join(folder, 'blobs'))).toEqual([]);
  });
});

describe('a place that is no folder of ours', () => {
  it('is refused in one line', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'isola-store-')), 'file');
    writeFileSync(file, '');
    await expect(fileStore(join(file, 'x'))).rejects.toMatchObject({
      problem: 'unwritable',
      message: expect.stringMatching(/^\S+: cannot be written: a file is in the way; nothing/),
    });
  });
});
