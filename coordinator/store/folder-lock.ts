/**
 * One process at a time in a folder. A lock is an empty file whose name says who holds it:
 * `lock.HOST.PID.START.N`. Who wants in writes its own and then looks for others; it stays only if
 * none of them is alive. So two that come at once may both be turned away, but never both let in;
 * what a dead process left is cleared away; and nothing depends on a clock or on space for data.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StoreError } from './store-error.js';

let locksMade = 0;

/**
 * Takes the lock of a folder; gives what lets go of it.
 * @throws StoreError 'in-use' where a living process, or one of another machine, holds it
 */
export function lockFolder(folder: string): () => void {
  const host = encodeURIComponent(hostname()).replaceAll('.', '%2E');
  const own = ['lock', host, process.pid, startOf(process.pid), locksMade++].join('.');
  const release = () => rmSync(join(folder, own), { force: true });
  writeFileSync(join(folder, own), '', { flag: 'wx' });
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('lock.') || name === own) continue;
    const [, otherHost, pid, start] = name.split('.');
    if (otherHost === host && !isAlive(Number(pid), start)) {
      rmSync(join(folder, name), { force: true });
      continue;
    }
    release();
    throw inUse(folder, name, otherHost === host ? '' : otherHost, pid);
  }
  return release;
}

function inUse(folder: string, name: string, otherHost: string, pid: string): StoreError {
  const who = `process ${pid}${otherHost === '' ? '' : ` of ${decodeURIComponent(otherHost)}`}`;
  const remedy = otherHost === '' ? 'wait for it' : `if that is over, delete ${join(folder, name)}`;
  return new StoreError('in-use', `${folder}: ${who} works here; ${remedy}`);
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process is alive too.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(pid) === start;
}

/**
 * When a process began, in ticks since this boot: a process number comes again, with the same start
 * and boot it does not. 'unknown' where the system does not tell.
 */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may hold spaces; the state of a
    // process is the third, its start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : `${boot}-${fields[19]}`;
  } catch {
    return 'unknown';
  }
}
