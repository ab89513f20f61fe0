/** Options that several commands have, read the same everywhere. */
import { availableParallelism } from 'node:os';
import { AUDITS } from '@isola/coordinator/jobs';
import { InputError } from '@isola/optimizers/problem';
import { Option } from 'commander';

const MAX_THREADS = 256;
const MAX_WORKERS = 64;
const DEFAULT_CACHE_MIB = 2048;
/** Of `--cell-timeout`. */
const LEAST_MINUTES = 0.1;
const MOST_MINUTES = 7 * 24 * 60;
export const MEBIBYTE = 1048576;

/** `--threads`: a whole number, as many as there are cores by default. */
export function threadsOption(): Option {
  return new Option('-t, --threads <count>', 'threads; no result depends on them')
    .default(Math.min(availableParallelism(), MAX_THREADS), 'cores')
    .argParser((text) => wholeNumber('--threads', text, MAX_THREADS));
}

/** `--slots`: cells that a worker computes at a time. */
export function slotsOption(): Option {
  return new Option('--slots <count>', 'cells at a time (default: as many as threads)').argParser(
    (text) => wholeNumber('--slots', text, MAX_THREADS),
  );
}

/** `--cell-timeout`: in minutes, or parts of one. */
export function cellTimeoutOption(): Option {
  const text = 'longest that a worker may compute one cell, in minutes';
  return new Option('--cell-timeout <minutes>', text).default(360).argParser((given) => {
    const minutes = /^\d+(?:\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
    if (minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES) return minutes;
    const allowed = `a number of minutes from ${LEAST_MINUTES} to ${MOST_MINUTES}`;
    throw new InputError('--cell-timeout', `"${given}" is not allowed; allowed: ${allowed}`);
  });
}

/** `--audit`: what a second worker must agree with. */
export function auditOption(): Option {
  const text = 'what a second worker computes again before a job is done';
  return new Option('--audit <none|plan|all>', text).default('plan').argParser((given) => {
    const audit = AUDITS.find((each) => each === given);
    if (audit !== undefined) return audit;
    throw new InputError('--audit', `"${given}"; allowed: ${AUDITS.join(', ')}`);
  });
}

/** `--workers`: processes of a cluster on this machine. */
export function workersOption(): Option {
  return new Option('-w, --workers <count>', 'worker processes')
    .default(Math.min(availableParallelism(), MAX_WORKERS), 'cores')
    .argParser((text) => wholeNumber('--workers', text, MAX_WORKERS));
}

/** A number of things, from `least` to `most`. */
export function countOption(
  name: string,
  description: string,
  standard: number,
  most: number,
  least = 1,
): Option {
  return new Option(`${name} <count>`, description)
    .default(standard)
    .argParser((text) => wholeNumber(name, text, most, least));
}

/** `--cache-memory`: what condensed beams may take of memory before they go to disk. */
export function cacheMemoryOption(): Option {
  return new Option('--cache-memory <MiB>', 'memory for the beams of a search; the rest is on disk')
    .default(DEFAULT_CACHE_MIB)
    .argParser(mebibytes);
}

/** `--json`: one JSON object on stdout and nothing else. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object on stdout');
}

function wholeNumber(option: string, text: string, most: number, least = 1): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  throw new InputError(
    option,
    `"${text}" is not allowed; allowed: a whole number from ${least} to ${most}`,
  );
}

/** @throws InputError unless it is a whole number */
function mebibytes(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InputError(
    '--cache-memory',
    `"${text}" is not allowed; allowed: a whole number of MiB`,
  );
}
