// Compiles the AssemblyScript kernels to dist/kernels.wasm.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../../dist/kernels.wasm', import.meta.url));
mkdirSync(fileURLToPath(new URL('../../dist/', import.meta.url)), { recursive: true });

const args = [
  `${here}index.ts`,
  ...['--outFile', out],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
  ...['--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd,threads', '--importMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
  // AS112: a v128 that one file hands to another. None leaves the module.
  ...['--disableWarning', '112'],
];
const { error } = await asc.main(args, { stdout: process.stdout, stderr: process.stderr });
if (error) process.exit(1);
