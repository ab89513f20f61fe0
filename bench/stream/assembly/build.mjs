// Compiles the reading loop to dist/stream-read.wasm.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('./stream-read.ts', import.meta.url));
const out = fileURLToPath(new URL('../../dist/stream-read.wasm', import.meta.url));
mkdirSync(fileURLToPath(new URL('../../dist/', import.meta.url)), { recursive: true });

const compile = [
  source,
  ...['--outFile', out],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
  ...['--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd,threads', '--importMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
];
const { error } = await asc.main(compile, { stderr: process.stderr });
if (error) process.exit(1);
