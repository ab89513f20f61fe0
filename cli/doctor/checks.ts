/** What this computer offers, and whether it is enough for Isola. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createArena, kernelsOn } from '@isola/kernels/backends';
import { InputError } from '@isola/optimizers/problem';
import { checkWritable } from '../results/output-folder.js';
import { knownProduct } from './known-product.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Whether Isola cannot work without it. */
  readonly isNeeded: boolean;
  /** What there is. */
  readonly found: string;
  /** What to do where it is not ok. */
  readonly advice: string;
}

const { engines } = createRequire(import.meta.url)('../../package.json') as {
  engines: { node: string };
};
const THREADS = 2;
const GIB = 2 ** 30;
/** A case of a clinic's size with nine beams takes this much. */
const MEMORY_GIB = 4;

/** All checks, in the order in which they matter. */
export async function checks(): Promise<Check[]> {
  return [
    nodeVersion(process.versions.node, engines.node),
    webAssembly(),
    await threads(),
    cores(),
    memory(),
    workingFolder(),
    dataFolder(),
  ];
}

/** @param needed such as `>=20.19` */
export function nodeVersion(version: string, needed: string): Check {
  const [major, minor] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = needed.replace('>=', '').split('.').map(Number);
  return {
    name: 'Node',
    ok: major > leastMajor || (major === leastMajor && minor >= leastMinor),
    isNeeded: true,
    found: version,
    advice: `install Node ${leastMajor}.${leastMinor} or newer`,
  };
}

function webAssembly(): Check {
  const problem = problemOf(() => kernelsOn(createArena()));
  return {
    name: 'WebAssembly',
    ok: problem === null,
    isNeeded: true,
    found: problem ?? 'SIMD and shared memory',
    advice: 'run "npm run build"; install Node without options that turn off WebAssembly',
  };
}

async function threads(): Promise<Check> {
  let problem: string | null;
  try {
    const isRight = await knownProduct(THREADS);
    problem = isRight ? null : 'a product with known numbers came out wrong';
  } catch (error) {
    problem = (error as Error).message;
  }
  return {
    name: 'threads',
    ok: problem === null,
    isNeeded: true,
    found: problem ?? `a known product in ${THREADS} threads is right to the bit`,
    advice: 'run "npm run build" again; if that does not help, this is a bug: please tell us',
  };
}

function cores(): Check {
  const count = availableParallelism();
  const found = `${count}; as many threads are used by default`;
  return { name: 'cores', ok: true, isNeeded: false, found, advice: '' };
}

function memory(): Check {
  const gib = (bytes: number) => (bytes / GIB).toFixed(1);
  return {
    name: 'memory',
    ok: totalmem() >= MEMORY_GIB * GIB,
    isNeeded: false,
    found: `${gib(totalmem())} GiB, of which ${gib(freemem())} GiB are free`,
    advice: `${MEMORY_GIB} GiB are needed for large cases; choose a larger doseGridMm or bixelMm`,
  };
}

function workingFolder(): Check {
  const problem = problemOf(() => checkWritable('isola-out'));
  return {
    name: 'working folder',
    ok: problem === null,
    isNeeded: true,
    found: problem ?? 'isola-out can be written here',
    advice: 'change to another folder, or give --out FOLDER',
  };
}

/** What some tests compare with; not needed for anything else. */
function dataFolder(): Check {
  const beside = fileURLToPath(new URL('../../../../shared', import.meta.url));
  const folder = process.env.ISOLA_DATA ?? beside;
  const isThere = existsSync(folder);
  const found = isThere ? folder : `none at ${folder}: tests that compare with data are skipped`;
  return { name: 'data folder', ok: true, isNeeded: false, found, advice: '' };
}

function problemOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof InputError ? error.problem : (error as Error).message;
  }
}
