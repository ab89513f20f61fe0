/** Files in memory are read as those on disk are. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { disk, inMemory } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'isola-source-'));
const files = new Map(
  ['a.mat', 'case/ct.csv', 'case/PTV.csv', 'case/b ö.csv'].map((name, i) => [
    join(folder, name),
    Uint8Array.of(i, 255),
  ]),
);
mkdirSync(join(folder, 'case'));
for (const [path, bytes] of files) writeFileSync(path, bytes);

describe.each(Object.entries({ disk, inMemory: inMemory(files) }))('%s', (_name, source) => {
  it('gives the bytes of files', () => {
    for (const [path, bytes] of files) expect([...source.bytes(path)]).toEqual([...bytes]);
  });

  it('lists a folder in code-point order', () => {
    expect(source.list(join(folder, 'case'))).toEqual(['PTV.csv', 'b ö.csv', 'ct.csv']);
  });

  it.each(['absent', 'case/absent.csv', 'absent/ct.csv'])('says that %s does not exist', (name) => {
    const path = join(folder, name);
    for (const read of [source.bytes, source.list]) {
      expect(() => read(path)).toThrow(new InputError(path, 'does not exist'));
    }
  });
});
