import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  checkedGrid,
  checkGridSize,
  listFolder,
  MAX_VOXELS,
  readFileBytes,
  readFileText,
  readFloat32,
  readJson,
  readPlainOrGzip,
} from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'isola-files-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function problemOf(action: () => unknown): InputError {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('reading bytes', () => {
  it('unpacks gzip and leaves other bytes alone', () => {
    const bytes = Uint8Array.of(1, 2, 3, 0, 255);
    expect([...readPlainOrGzip(file('a.gz', gzipSync(bytes)))]).toEqual([...bytes]);
    expect([...readPlainOrGzip(file('a.bin', bytes))]).toEqual([...bytes]);
  });

  it('does not take raw numbers for gzip', () => {
    // 0x8b1f as int32 begins like gzip.
    const raw = Uint8Array.of(0x1f, 0x8b, 0, 0);
    expect(readFloat32(file('raw', raw), 1)).toEqual(new Float32Array(raw.buffer));
  });

  it('names the file in every error', () => {
    const path = join(folder, 'nothing', 'here');
    expect(problemOf(() => readFileBytes(path)).message).toBe(`${path}: does not exist`);
    expect(problemOf(() => readFileBytes(folder)).place).toBe(folder);
    expect(problemOf(() => listFolder(path)).message).toBe(`${path}: does not exist`);
    expect(problemOf(() => listFolder(file('f', 'x'))).problem).toBe('is not a folder');
    const packed = gzipSync(new Uint8Array(1000));
    for (let length = 3; length < packed.length; length++) {
      const cut = file('cut.gz', packed.subarray(0, length));
      expect(problemOf(() => readPlainOrGzip(cut)).place).toBe(cut);
    }
    const latin = file('latin.txt', Uint8Array.of(0xe9));
    expect(problemOf(() => readFileText(latin)).problem).toContain('UTF-8');
  });

  it('says how many bytes a file of numbers needs', () => {
    const path = file('short', new Uint8Array(7));
    expect(problemOf(() => readFloat32(path, 2)).problem).toContain('7 bytes; 2 numbers of 4');
  });

  it('names the path of a JSON field', () => {
    const schema = z.object({ beams: z.array(z.object({ angle: z.number() })) });
    const path = file('a.json', '{"beams":[{"angle":"x"}]}');
    expect(problemOf(() => readJson(path, schema)).place).toBe(`${path}: beams.0.angle`);
    expect(problemOf(() => readJson(file('b.json', '{'), schema)).problem).toContain('not JSON');
  });
});

describe('grid limits', () => {
  it('refuses more voxels than 2^27, and sizes that are none', () => {
    expect(MAX_VOXELS).toBe(512 ** 3);
    expect(checkGridSize([512, 512, 512], 'g')).toEqual([512, 512, 512]);
    expect(problemOf(() => checkGridSize([1000, 1000, 1000], 'g')).problem).toContain('1000000000');
    for (const size of [
      [0, 1, 1],
      [1.5, 1, 1],
      [1, 1],
      [Number.NaN, 1, 1],
      [-1, -1, 1],
    ]) {
      expect(problemOf(() => checkGridSize(size, 'g')).place).toBe('g');
    }
  });

  it('refuses spacings and origins that are no lengths', () => {
    for (const spacing of [
      [0, 1, 1],
      [1, Number.NaN, 1],
      [1, 1, -1],
      [1, 1],
      [1, 1, 1e9],
    ]) {
      expect(() => checkedGrid([2, 2, 2], spacing, [0, 0, 0], 'g')).toThrow(InputError);
    }
    expect(() => checkedGrid([2, 2, 2], [1, 1, 1], [0, Infinity, 0], 'g')).toThrow(InputError);
  });
});
