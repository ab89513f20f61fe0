import { type Arena, allocate, createArena } from '@isola/kernels/backends';

interface Memory {
  readonly arena: Arena;
  readonly start: number;
  readonly bytes: number;
}

const memories = new Map<string, Memory>();

/** A thread's own memory for a purpose, and where parts of it begin. */
export interface Placed {
  readonly arena: Arena;
  readonly offsets: readonly number[];
}

/**
 * This thread's memory for a purpose, with whatever its last user left in it; made anew to grow.
 *
 * @param sizes bytes of parts; each begins at a multiple of 16
 */
export function placed(purpose: string, sizes: readonly number[]): Placed {
  const offsets: number[] = [];
  let bytes = 0;
  for (const size of sizes) {
    offsets.push(bytes);
    bytes += 16 * Math.ceil(size / 16);
  }
  const { arena, start } = memoryOf(purpose, bytes);
  return { arena, offsets: offsets.map((offset) => start + offset) };
}

function memoryOf(purpose: string, bytes: number): Memory {
  const known = memories.get(purpose);
  if (known !== undefined && known.bytes >= bytes) return known;
  const arena = createArena();
  const roomy = Math.ceil(1.25 * bytes);
  const memory = { arena, start: allocate(arena, roomy), bytes: roomy };
  memories.set(purpose, memory);
  return memory;
}
