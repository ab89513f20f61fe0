import { basename, dirname } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import { listFolder, readFileBytes } from './read-bytes.js';

/** Where files are read from. Both throw an InputError where that is not possible. */
export interface FileSource {
  /** The bytes of a file as stored. */
  bytes(path: string): Uint8Array;
  /** Names of the entries of a folder, in code-point order. */
  list(folder: string): string[];
}

export const disk: FileSource = { bytes: readFileBytes, list: listFolder };

/** Files that lie nowhere, by the paths that they would have; folders are those that hold one. */
export function inMemory(files: ReadonlyMap<string, Uint8Array>): FileSource {
  return {
    bytes(path) {
      const bytes = files.get(path);
      if (bytes === undefined) throw absent(path);
      return bytes;
    },
    list(folder) {
      const paths = [...files.keys()].filter((path) => dirname(path) === folder);
      if (paths.length === 0) throw absent(folder);
      return paths.map((path) => basename(path)).sort();
    },
  };
}

function absent(path: string): InputError {
  return new InputError(path, 'does not exist');
}
