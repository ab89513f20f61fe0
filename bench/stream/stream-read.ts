/**
 * The read bandwidth that sparse products are compared with: a WebAssembly SIMD loop sums a buffer
 * much larger than the caches, in equal parts by all threads at once.
 */
import { allocate, createArena, threadExecutor } from '@isola/kernels/backends';
import { timed } from '../measurement/timing.js';
import type { ReadTask } from './thread.js';

const thread = new URL('./thread.js', import.meta.url).href;
const UNIT_BYTES = 128;

/** GB (10^9 bytes) a second, the best of several passes over `bytes` bytes by `threads` threads. */
export async function streamReadGbPerS(bytes: number, threads: number): Promise<number> {
  const arena = createArena();
  const part = Math.floor(bytes / threads / UNIT_BYTES) * UNIT_BYTES;
  const from = allocate(arena, part * threads);
  // Memory that was never written is one page of zeros, read from the cache.
  new Uint32Array(arena.memory.buffer, from, (part * threads) / 4).fill(1);
  const executor = threadExecutor(threads);
  try {
    const { minMs } = await timed(async () => {
      const sums = await Promise.all(
        Array.from({ length: threads }, (_, t) => {
          const task: ReadTask = { arena, from: from + t * part, bytes: part };
          return executor.run<number>(thread, 'readPart', task);
        }),
      );
      if (sums.some((sum) => sum !== part / 4)) throw new Error(`wrong sums: ${sums.join()}`);
      return sums[0];
    });
    return (part * threads) / 1e6 / minMs;
  } finally {
    await executor.close();
  }
}
