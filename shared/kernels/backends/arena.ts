import { threadId } from 'node:worker_threads';

/** A growable shared memory, as WebAssembly makes it. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/**
 * One shared memory in which threads allocate and WebAssembly computes. Byte offsets are the
 * addresses; nothing is freed before the whole arena is dropped. At most 4 GiB.
 */
export interface Arena {
  /** Unique in the process; threads know their instances by it. */
  readonly id: string;
  readonly memory: SharedMemory;
}

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;
/** The first bytes stay free for WebAssembly's own data; the allocation mark stands in them. */
const FIRST_BYTE = 4096;
const MARK_INDEX = 512;
const UNIT_BYTES = 16;

interface MemoryConstructor {
  new (options: { initial: number; maximum: number; shared: boolean }): SharedMemory;
}
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: MemoryConstructor } })
  .WebAssembly;

let created = 0;

/** A new, empty arena. */
export function createArena(): Arena {
  const memory = new Memory({ initial: 16, maximum: MAX_PAGES, shared: true });
  new Uint32Array(memory.buffer)[MARK_INDEX] = FIRST_BYTE / UNIT_BYTES;
  return { id: `${threadId}.${++created}`, memory };
}

/** An arena is full: 4 GiB is what 32-bit WebAssembly addresses. */
export class ArenaFullError extends Error {
  override readonly name = 'ArenaFullError';
}

/**
 * Reserves `bytes` (zero-filled), aligned to 16; safe from any thread.
 * @throws ArenaFullError where they do not fit; the arena is then as it was
 */
export function allocate(arena: Arena, bytes: number): number {
  const units = Math.ceil(bytes / UNIT_BYTES);
  const mark = new Uint32Array(arena.memory.buffer, 0, MARK_INDEX + 1);
  let before = Atomics.load(mark, MARK_INDEX);
  for (;;) {
    if ((before + units) * UNIT_BYTES + PAGE_BYTES > MAX_PAGES * PAGE_BYTES) throw fullError(bytes);
    const found = Atomics.compareExchange(mark, MARK_INDEX, before, before + units);
    if (found === before) break;
    before = found;
  }
  const offset = before * UNIT_BYTES;
  // A little room behind the last allocation lets kernels read whole vectors at the end.
  const end = offset + units * UNIT_BYTES;
  const missing = end + PAGE_BYTES - arena.memory.buffer.byteLength;
  if (missing > 0) {
    try {
      arena.memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch {
      throw fullError(bytes);
    }
  }
  return offset;
}

function fullError(bytes: number): ArenaFullError {
  return new ArenaFullError(`no room for ${bytes} bytes more in a shared memory of 4 GiB`);
}

/** Bytes allocated so far. */
export function allocatedBytes(arena: Arena): number {
  return Atomics.load(new Uint32Array(arena.memory.buffer), MARK_INDEX) * UNIT_BYTES;
}
