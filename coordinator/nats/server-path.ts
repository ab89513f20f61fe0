import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StoreError } from '../store/index.js';
import { isNewEnough, NEEDED } from './server-version.js';

const NAME = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/**
 * The nats-server to start: the one that `npm run nats` brought into this checkout, else that on
 * the PATH.
 * @throws StoreError 'unwritable': there is none, or it is too old
 */
export function natsServerPath(): string {
  const problem = natsServerProblem();
  if (problem !== '') throw new StoreError('unwritable', problem);
  return broughtServer() ?? NAME;
}

/** Why there is no nats-server to start, and how to get one; empty where there is one. */
export function natsServerProblem(): string {
  if (broughtServer() !== undefined) return '';
  const remedy = `"npm run nats" in a checkout brings one, or get ${NEEDED} or newer from nats.io`;
  const { stdout, error } = spawnSync(NAME, ['-v'], { encoding: 'utf8' });
  if (error !== undefined) return `there is no nats-server on the PATH; ${remedy}`;
  const version = /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'unknown';
  return isNewEnough(version) ? '' : `nats-server ${version} is too old; ${remedy}`;
}

/** What lies in the folder `.nats` of a folder above this file. */
function broughtServer(): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let above = dirname(folder); above !== folder; above = dirname(folder)) {
    const file = join(folder, '.nats', NAME);
    if (existsSync(file)) return file;
    folder = above;
  }
  return undefined;
}
