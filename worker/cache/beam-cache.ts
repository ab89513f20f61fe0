/**
 * Condensed beams kept in a folder, one file a key. A file holds the SHA-256 of key and content
 * before the content, and gets its name only once it is written out, so that what is cut short,
 * changed or misplaced is seen, removed, and computed again. Several processes may use one folder;
 * each makes room in it, so a beam may be gone at any time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { BeamCache } from '@isola/planning/searches';
import { makeRoom } from './make-room.js';

export interface BeamCacheOptions {
  /** Of the folder. */
  readonly maxBytes?: number;
  /** Told in one line why, the first time that a beam is not kept. */
  readonly onUnkept?: (line: string) => void;
}

/** 32 GiB. */
const MAX_BYTES = 2 ** 35;
/** Room is made after this part of the size was written, by which a folder may be beyond it. */
const ROOM_PART = 1 / 32;
const HASH_BYTES = 32;
const KEY = /^[0-9a-f]{64}$/;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk is full',
  EEXIST: 'a file is in the way',
  EFBIG: 'the disk is full',
  ENOENT: 'no folder can be made there',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is in the way',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
};

/**
 * A cache in `folder`, which is made with the first beam put there. Keys: 64 hex digits. Where the
 * folder cannot be written a beam is not kept: who has computed it has it.
 */
export function beamCache(folder: string, options: BeamCacheOptions = {}): BeamCache {
  return new FolderCache(folder, options);
}

class FolderCache implements BeamCache {
  private readonly maxBytes: number;
  private readonly onUnkept: (line: string) => void;
  private isTold = false;
  /** Null before the first beam is put. */
  private roomMade: Promise<void> | null = null;
  /** By this process, since it has made room. */
  private writtenBytes = 0;

  constructor(
    private readonly folder: string,
    { maxBytes = MAX_BYTES, onUnkept = () => {} }: BeamCacheOptions,
  ) {
    this.maxBytes = maxBytes;
    this.onUnkept = onUnkept;
  }

  async get(key: string): Promise<Uint8Array | null> {
    return readChecked(this.folder, key);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = pathOf(this.folder, key);
    this.roomMade ??= makeRoom(this.folder, this.maxBytes);
    await this.roomMade;
    try {
      await mkdir(this.folder, { recursive: true });
      await writeWhole(path, digest(key, bytes), bytes);
    } catch (error) {
      this.tell(error as NodeJS.ErrnoException);
      return;
    }
    this.writtenBytes += bytes.length;
    if (this.writtenBytes < this.maxBytes * ROOM_PART) return;
    this.writtenBytes = 0;
    this.roomMade = makeRoom(this.folder, this.maxBytes);
    await this.roomMade;
  }

  private tell({ code, message }: NodeJS.ErrnoException): void {
    if (this.isTold) return;
    this.isTold = true;
    const reason = REASONS[code ?? ''] ?? code ?? message;
    this.onUnkept(`beams are not kept in ${this.folder}, but computed again: ${reason}`);
  }
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
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
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

function digest(key: string, content: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(content).digest();
}
