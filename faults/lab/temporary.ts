import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let all: string | null = null;

/** A new folder, gone when this process ends. */
export function temporaryFolder(name: string): string {
  if (all === null) {
    const folder = mkdtempSync(join(tmpdir(), 'isola-lab-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    all = folder;
  }
  return mkdtempSync(join(all, `${name}-`));
}
