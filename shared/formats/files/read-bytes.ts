/**
 * Reads whole files and folders. Everything the disk or a damaged gzip stream can do wrong becomes
 * an InputError that names the file; nothing else leaves these functions.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError } from '@isola/optimizers/problem';

/** Most bytes a file may have, as stored or unpacked: the largest grid in float64, and 1 MiB. */
export const MAX_FILE_BYTES = 2 ** 30 + 2 ** 20;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EISDIR: 'is a folder; a file is needed',
  EACCES: 'may not be read (permission denied)',
  EPERM: 'may not be read (permission denied)',
};

/** The bytes of a file as stored. */
export function readFileBytes(path: string): Uint8Array {
  return attempt(path, () => {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) {
      throw new InputError(path, `has ${size} bytes; at most ${MAX_FILE_BYTES} are read`);
    }
    return readFileSync(path);
  });
}

/** The bytes of a file that may be gzip: unpacked where it is. Not for files of raw numbers. */
export function readPlainOrGzip(path: string): Uint8Array {
  return plainOrUnpacked(readFileBytes(path), path);
}

/** Bytes that may be gzip: unpacked where they are; `path` names them in errors. */
export function plainOrUnpacked(stored: Uint8Array, path: string): Uint8Array {
  return stored[0] === 0x1f && stored[1] === 0x8b ? unpackGzip(stored, path) : stored;
}

/** The text of a UTF-8 file. */
export function readFileText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileBytes(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(path, 'is not UTF-8 text');
  }
}

/** Names of the entries of a folder, in code-point order. */
export function listFolder(path: string): string[] {
  return attempt(path, () => readdirSync(path)).sort();
}

function unpackGzip(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (error) {
    const tooLarge = codeOf(error) === 'ERR_BUFFER_TOO_LARGE';
    const problem = tooLarge
      ? `unpacks to more than ${MAX_FILE_BYTES} bytes, the limit`
      : 'is a damaged or truncated gzip file';
    throw new InputError(path, problem);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = codeOf(error);
    throw new InputError(path, REASONS[code] ?? `cannot be read (${code})`);
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}
