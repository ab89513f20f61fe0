/** What one thread does to measure how fast memory is read. */
import { readFileSync } from 'node:fs';
import type { Arena } from '@isola/kernels/backends';

export interface ReadTask {
  readonly arena: Arena;
  readonly from: number;
  /** A multiple of 128. */
  readonly bytes: number;
}

interface Reader {
  sumWords(from: number, bytes: number): number;
}
interface WasmModule {
  readonly opaque: never;
}
interface WasmApi {
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;

let instance: { readonly arena: string; readonly reader: Reader } | undefined;

/** Reads every byte of the part; gives the sum of its words modulo 2^32. */
export function readPart({ arena, from, bytes }: ReadTask): number {
  if (instance?.arena !== arena.id) {
    const code = readFileSync(new URL('../stream-read.wasm', import.meta.url));
    const made = new Instance(new Module(code), { env: { memory: arena.memory } });
    instance = { arena: arena.id, reader: made.exports as Reader };
  }
  return instance.reader.sumWords(from, bytes) >>> 0;
}
