/** The folder that a command writes: asked for before the work begins, filled at its end. */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '@isola/optimizers/problem';

/** Files of a folder by name; the last one says that the folder is complete. */
export type Files = readonly (readonly [name: string, content: string | Uint8Array])[];

const ALLOWED = 'allowed: a place that can be written';
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'a file is in the way',
  EISDIR: 'a folder is in the way',
  ENOENT: 'no folder can be made there',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is in the way',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
};

/**
 * Can `folder` be made and written to? Tries it, and leaves no trace.
 * @throws InputError where it cannot
 */
export function checkWritable(folder: string): void {
  attempt(folder, () => {
    const firstMade = mkdirSync(folder, { recursive: true });
    try {
      rmdirSync(mkdtempSync(join(folder, '.isola-')));
    } finally {
      if (firstMade !== undefined) removeEmpty(resolve(folder), resolve(firstMade));
    }
  });
}

/** Removes the empty folder `inner` and those around it, up to `outer`. */
function removeEmpty(inner: string, outer: string): void {
  for (let folder = inner; folder.length >= outer.length; folder = dirname(folder)) {
    rmdirSync(folder);
  }
}

/**
 * Writes files into `folder`. The last file is removed first and written last, so where it is, all
 * of one result are.
 * @throws InputError where they cannot be written
 */
export function writeFiles(folder: string, files: Files): void {
  const [lastName] = files[files.length - 1];
  attempt(folder, () => {
    mkdirSync(folder, { recursive: true });
    rmSync(join(folder, lastName), { force: true });
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
  });
}

/** @throws InputError where the file cannot be written */
export function writeFile(path: string, content: string): void {
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  });
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = REASONS[code] ?? code;
    throw new InputError('--out', `${path} cannot be written: ${reason}; ${ALLOWED}`);
  }
}
