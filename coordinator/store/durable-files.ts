/** Files that are on disk when a call returns, and what to say where they cannot be. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StoreError } from './store-error.js';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'a file is in the way',
  EISDIR: 'a folder is in the way',
  EIO: 'the disk reports an error',
  ENOENT: 'it is not there any more',
  ENOTDIR: 'a file is in the way',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
};

/** The error to throw instead of one of the file system; others pass as they are. */
export function storeError(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof StoreError) return error;
  const goOn = 'nothing that was finished is lost; give the same command again';
  if (FULL.has(code)) {
    return new StoreError('full', `${path}: the disk is full; ${goOn} once there is space`);
  }
  const reason = REASONS[code] ?? code;
  return new StoreError(
    'unwritable',
    `${path}: cannot be written: ${reason}; ${goOn} once it can be`,
  );
}

/** Makes a folder and those above it; they are there after a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = resolve(folder); made !== top; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** Makes additions to a folder, and renamings in it, last. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot sync a folder, and does not have to.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all bytes at a position; a full disk may take some of them before it refuses. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Writes a file as a whole: after a crash it is there with all its bytes, or not at all. */
export async function writeWhole(
  folder: string,
  name: string,
  bytes: Uint8Array,
  temporary: string,
): Promise<void> {
  try {
    const handle = await open(temporary, 'w');
    try {
      await writeAll(handle, bytes, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}
