/** The folder that a command writes: asked for before the work begins, filled at its end. */
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
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

/** Where the result of a plan goes by default: `isola-out/NAME`, in the working directory. */
export function defaultFolder(planFile: string): string {
  return join('isola-out', parse(planFile).name);
}

/**
 * Can `folder` be made and written to? Tries it in the nearest folder there is; leaves no trace.
 * @throws InputError where it cannot
 */
export function checkWritable(folder: string, option = '--out'): void {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  attempt(folder, () => rmdirSync(mkdtempSync(join(existing, '.isola-'))), option);
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

/** A file that is not there yet, and who may read it. */
export interface NewFile {
  readonly name: string;
  readonly content: string;
  readonly mode: number;
}

/**
 * Writes files into `folder`, all or none, and over no file that is there.
 * @throws InputError where they cannot be written
 */
export function writeNewFiles(folder: string, files: readonly NewFile[]): void {
  const written: string[] = [];
  try {
    attempt(folder, () => mkdirSync(folder, { recursive: true }));
    for (const { name, content, mode } of files) {
      const path = join(folder, name);
      attempt(path, () => writeFileSync(path, '', { flag: 'wx', mode }));
      written.push(path);
      attempt(path, () => writeFileSync(path, content));
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error;
  }
}

/** @throws InputError where the file cannot be written */
export function writeFile(path: string, content: string): void {
  checkWritable(dirname(path));
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  });
}

function attempt(path: string, action: () => void, option = '--out'): void {
  try {
    action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = REASONS[code] ?? code;
    throw new InputError(option, `${path} cannot be written: ${reason}; ${ALLOWED}`);
  }
}
