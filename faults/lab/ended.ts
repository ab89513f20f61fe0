import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Rejects when a process ends, for who waits for something else of it; nobody need. */
export function ended(child: ChildProcess, what: string): Promise<never> {
  const gone = once(child, 'close').then(([code]) => {
    throw new Error(`${what} has ended with code ${code}`);
  });
  gone.catch(() => {});
  return gone;
}
