/**
 * Condensed beams kept in a folder, one file a key. A file holds the SHA-256 of key and content
 * before the content, and gets its name only once it is written out, so that what is cut short,
 * changed or misplaced is seen, removed, and computed again. Several processes may use one folder.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';

/** Keeps bytes by name, where a name says all that decides them. */
export interface BeamCache {
  /** Null where there is none, or where it has changed. */
  get(key: string): Promise<Uint8Array | null>;
  /** @throws InputError where the folder cannot be written, in one line that says why */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

const HASH_BYTES = 32;
const KEY = /^[0-9a-f]{64}$/;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; allowed: a folder that can be written',
  EDQUOT: 'the disk is full; nothing that was finished is lost',
  EEXIST: 'a file is in the way; allowed: a folder that can be written',
  EFBIG: 'the disk is full; nothing that was finished is lost',
  ENOSPC: 'the disk is full; nothing that was finished is lost',
  ENOTDIR: 'a file is in the way; allowed: a folder that can be written',
  EPERM: 'permission denied; allowed: a folder that can be written',
  EROFS: 'the disk is read-only; allowed: a folder that can be written',
};

/** A cache in `folder`, which is made with the first beam put there. Keys: 64 hex digits. */
export function beamCache(folder: string): BeamCache {
  return {
    get: (key) => readChecked(folder, key),
    put: async (key, bytes) => {
      const path = pathOf(folder, key);
      try {
        await mkdir(folder, { recursive: true });
        await writeWhole(path, digest(key, bytes), bytes);
      } catch (error) {
        throw inOneLine(folder, error);
      }
    },
  };
}

function pathOf(folder: string, key: string): string {
  if (!KEY.test(key)) throw new RangeError(`key "${key}": must be 64 hexadecimal digits`);
  return join(folder, `${key}.beam`);
}

async function readChecked(folder: string, key: string): Promise<Uint8Array | null> {
  const path = pathOf(folder, key);
  const file = await readFile(path).catch(() => null);
  if (file === null) return null;
  const content = file.subarray(HASH_BYTES);
  if (file.length >= HASH_BYTES && digest(key, content).equals(file.subarray(0, HASH_BYTES))) {
    return content;
  }
  // Where it cannot be removed it is refused again next time.
  await rm(path, { force: true }).catch(() => undefined);
  return null;
}

async function writeWhole(path: string, hash: Buffer, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(hash);
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

function inOneLine(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason === undefined ? error : new InputError(folder, `cannot be written: ${reason}`);
}

function digest(key: string, content: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(content).digest();
}
