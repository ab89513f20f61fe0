import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ArenaFullError, allocate, allocatedBytes, createArena } from './arena.js';

describe('an arena', () => {
  it('gives places that are aligned to 16, zero-filled and apart', () => {
    const arena = createArena();
    let end = 0;
    for (const bytes of [1, 16, 17, 100, 4096, 0, 3]) {
      const offset = allocate(arena, bytes);
      expect(offset % 16).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + bytes;
      const place = new Uint8Array(arena.memory.buffer, offset, bytes);
      expect(place.every((byte) => byte === 0)).toBe(true);
      place.fill(255);
      expect(allocatedBytes(arena)).toBeGreaterThanOrEqual(end);
    }
  });

  it('grows, and keeps what it holds in views made before', () => {
    const arena = createArena();
    const first = allocate(arena, 64);
    const before = new Float64Array(arena.memory.buffer, first, 8).fill(1.5);
    const megabytes = Array.from({ length: 10 }, () => allocate(arena, 1 << 20));
    for (const offset of megabytes) {
      const place = new Uint8Array(arena.memory.buffer, offset, 1 << 20);
      expect(place.findIndex((byte) => byte !== 0)).toBe(-1);
    }
    before[3] = 2.5;
    const after = new Float64Array(arena.memory.buffer, first, 8);
    expect(Array.from(after)).toEqual([1.5, 1.5, 1.5, 2.5, 1.5, 1.5, 1.5, 1.5]);
  });

  it('leaves room behind the last place, for vectors that are read whole', () => {
    const arena = createArena();
    for (let k = 0; k < 40; k++) {
      const end = allocate(arena, 33_333) + 33_333;
      expect(arena.memory.buffer.byteLength).toBeGreaterThanOrEqual(end + 64);
    }
  });

  it.each([2 ** 32, 2 ** 33, 2 ** 36])('refuses %i bytes, and is then as it was', (bytes) => {
    const arena = createArena();
    const before = allocatedBytes(arena);
    for (let k = 0; k < 40; k++) {
      expect(() => allocate(arena, bytes)).toThrow(ArenaFullError);
      expect(() => allocate(arena, bytes)).toThrow(`${bytes} bytes more`);
    }
    expect(allocatedBytes(arena)).toBe(before);
    expect(allocate(arena, 16)).toBe(before);
  });

  it('has a name of its own', () => {
    const ids = [createArena(), createArena(), createArena()].map((arena) => arena.id);
    expect(new Set(ids).size).toBe(3);
  });

  it('gives places that are apart to threads at the same time', { timeout: 60_000 }, async () => {
    const arena = createArena();
    // Every thread fills its places with its own number, and says where they are.
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.url).then(({ allocate }) => {
        const { arena, tag } = workerData;
        const places = [];
        for (let k = 0; k < 400; k++) {
          const bytes = 1 + ((k * 7919 + tag * 104729) % 40000);
          const offset = allocate(arena, bytes);
          const place = new Uint8Array(arena.memory.buffer, offset, bytes);
          const isClear = place.every((byte) => byte === 0);
          place.fill(tag);
          places.push({ offset, bytes, isClear, tag });
        }
        parentPort.postMessage(places);
      });`;
    const url = import.meta.resolve('@isola/kernels/backends');
    const tags = [1, 2, 3, 4];
    const found = await Promise.all(
      tags.map(async (tag) => {
        const worker = new Worker(code, { eval: true, workerData: { url, arena, tag } });
        const [places] = await once(worker, 'message');
        await worker.terminate();
        return places as { offset: number; bytes: number; isClear: boolean; tag: number }[];
      }),
    );
    const places = found.flat().sort((a, b) => a.offset - b.offset);
    expect(places.length).toBe(1600);
    let end = 0;
    for (const { offset, bytes, isClear, tag } of places) {
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + bytes;
      expect(isClear).toBe(true);
      const place = new Uint8Array(arena.memory.buffer, offset, bytes);
      expect(place.findIndex((byte) => byte !== tag)).toBe(-1);
    }
    expect(allocatedBytes(arena)).toBeGreaterThanOrEqual(end);
  });
});
