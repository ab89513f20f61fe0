import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Kernels } from '../sparse/kernels.js';
import type { Arena } from './arena.js';

interface WasmModule {
  readonly opaque: never;
}
interface WasmApi {
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;

/** Instances kept a thread; dropping the oldest lets the memory of finished work go. */
const KEPT_INSTANCES = 4;

let module: WasmModule | undefined;
const instances = new Map<string, Kernels>();

/** The WebAssembly kernels on an arena's memory; one instance a thread and arena. */
export function kernelsOn(arena: Arena): Kernels {
  const known = instances.get(arena.id);
  if (known !== undefined) return known;
  module ??= new Module(
    readFileSync(createRequire(import.meta.url).resolve('@isola/kernels/kernels.wasm')),
  );
  const instance = new Instance(module, { env: { memory: arena.memory } });
  const kernels = instance.exports as Kernels;
  if (instances.size >= KEPT_INSTANCES) {
    const [oldest] = instances.keys();
    instances.delete(oldest);
  }
  instances.set(arena.id, kernels);
  return kernels;
}
