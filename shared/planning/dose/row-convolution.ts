import { type Arena, allocate, kernelsOn } from '@isola/kernels/backends';
import type { RowConvolution } from './lateral-tables.js';

interface Scratch {
  readonly arena: string;
  readonly bytes: number;
  readonly offset: number;
}

let scratch: Scratch | undefined;

/** Row convolution by the WebAssembly kernel, with scratch memory of this thread in the arena. */
export function rowConvolution(arena: Arena): RowConvolution {
  return (image, width, taps, out) => {
    const bytes = image.byteLength + taps.byteLength + out.byteLength;
    if (scratch === undefined || scratch.arena !== arena.id || scratch.bytes < bytes) {
      scratch = { arena: arena.id, bytes, offset: allocate(arena, bytes) };
    }
    const { buffer } = arena.memory;
    const imageAt = scratch.offset;
    const tapsAt = imageAt + image.byteLength;
    const outAt = tapsAt + taps.byteLength;
    new Float64Array(buffer, imageAt, image.length).set(image);
    new Float64Array(buffer, tapsAt, taps.length).set(taps);
    const rows = image.length / width;
    kernelsOn(arena).convolveRows(imageAt, rows, width, tapsAt, taps.length, outAt);
    out.set(new Float64Array(buffer, outAt, out.length));
  };
}
