import { spawn } from 'node:child_process';

/**
 * Ends a process once this one has ended, however that was: kill -9 runs no code of ours, but it
 * closes a pipe, and another process hears that.
 * @returns call it when the process has ended by itself
 */
export function endWithUs(pid: number): () => void {
  const script = `process.stdin.resume().on('end', () => process.kill(${pid}))`;
  const watcher = spawn(process.execPath, ['-e', script], {
    // A group of its own: what ends ours must not end it.
    ...{ stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  });
  watcher.unref();
  return () => watcher.kill('SIGKILL');
}
