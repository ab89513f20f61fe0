/**
 * What threads do for a sparse product. Each takes pieces of work from a shared counter until none
 * is left, so fast threads take more; which thread does which piece changes no bit.
 */
import { LANES } from '../sparse/kernels.js';
import type { Arena } from './arena.js';
import { kernelsOn } from './wasm.js';

interface Strides {
  readonly x: number;
  readonly rows: number;
}

interface Task {
  readonly arena: Arena;
  /** Offset, first column and columns of each block. */
  readonly places: Float64Array;
  /** Right-hand sides: 1 or 4. */
  readonly count: number;
  readonly stride: Strides;
  /** uint32[2]: pieces taken, pieces finished. */
  readonly counters: number;
}

export interface ProductTask extends Task {
  readonly rows: number;
  readonly x: number;
  readonly parts: number;
  readonly out: number;
}

export interface TransposedTask extends Task {
  readonly v: number;
  readonly out: number;
}

/** Does pieces until all are taken; true for the one thread that finishes the last. */
function finishesPieces(task: Task, total: number, work: (piece: number) => void): boolean {
  const counters = new Uint32Array(task.arena.memory.buffer, task.counters, 2);
  let wasLast = false;
  for (;;) {
    const piece = Atomics.add(counters, 0, 1);
    if (piece >= total) return wasLast;
    work(piece);
    wasLast = Atomics.add(counters, 1, 1) === total - 1;
  }
}

/** out_k = A x_k: lanes in parallel, then their sum by the thread that finishes last. */
export function multiplyLanes(task: ProductTask): void {
  const { places, x, stride, count } = task;
  const kernels = kernelsOn(task.arena);
  const blocks = places.length / 3;
  const yStride = LANES * stride.rows;
  // Lanes without blocks are summed too, and their memory may have served another matrix.
  const finished = finishesPieces(task, LANES, (lane) => {
    const y = task.parts + lane * stride.rows;
    for (let k = 0; k < count; k++) {
      new Uint8Array(task.arena.memory.buffer, y + k * yStride, stride.rows).fill(0);
    }
    for (let b = lane; b < blocks; b += LANES) {
      const [block, first, columns] = places.subarray(3 * b, 3 * b + 3);
      const from = x + 8 * first;
      if (count === 1) kernels.multiply(block, 0, columns, from, y);
      else kernels.multiply4(block, 0, columns, from, stride.x, y, yStride);
    }
  });
  if (!finished) return;
  for (let k = 0; k < count; k++) {
    const parts = task.parts + k * yStride;
    kernels.sumLanes(parts, stride.rows, 0, task.rows, task.out + k * stride.rows);
  }
}

/** out_k = A^T v_k, block by block. */
export function multiplyTransposedBlocks(task: TransposedTask): void {
  const { places, v, stride, count } = task;
  const kernels = kernelsOn(task.arena);
  finishesPieces(task, places.length / 3, (b) => {
    const [block, first, columns] = places.subarray(3 * b, 3 * b + 3);
    const out = task.out + 8 * first;
    if (count === 1) kernels.multiplyTransposed(block, 0, columns, v, out);
    else kernels.multiplyTransposed4(block, 0, columns, v, stride.rows, out, stride.x);
  });
}
