/**
 * A worker whose cells take so long at least, most of which it waits: workers that share a machine
 * lose little to each other then, as if each had its own. Cells of one plan hang.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CLIENT_OPTIONS, clientCredentials, readTls, tlsPaths } from '@isola/cluster/runtime';
import { WorkerSession } from '@isola/worker/session';
import { CellComputer, type CellOrder, type CellResult, REVOKED } from '@isola/worker/threads';
import { kernelVersion, version } from 'isola/version';

const MEMORY_BYTES = 2 ** 28;
/** Others wait for 30 s. Less than this ends threads that are only loading a plan, and are busy. */
const GRACE_MS = 10_000;

const [, , coordinators, name, cacheFolder, cellMs, certs] = process.argv;

class PacedComputer extends CellComputer {
  private readonly pauses = new Map<string, AbortController>();

  override async compute(order: CellOrder): Promise<CellResult> {
    const startMs = performance.now();
    const result = await super.compute(order);
    if (result.type !== 'done') return result;
    const end = new AbortController();
    this.pauses.set(order.key, end);
    const leftMs = Math.max(0, Number(cellMs) - (performance.now() - startMs));
    const isWhole = await pause(leftMs, true, { signal: end.signal }).catch(() => false);
    this.pauses.delete(order.key);
    return isWhole ? result : { type: 'revoked' };
  }

  override stop(key: string, how: number): void {
    super.stop(key, how);
    if (how >= REVOKED) this.pauses.get(key)?.abort();
  }
}

const tls = certs === '' ? null : readTls(tlsPaths(certs, 'worker'));
const setup = { threads: 1, cacheFolder, memoryBytes: MEMORY_BYTES, version };
const session = new WorkerSession({
  ...{ name, coordinators: coordinators.split(','), kernelVersion, slots: 1 },
  ...{ credentials: clientCredentials(tls), channelOptions: CLIENT_OPTIONS },
  computer: new PacedComputer(setup, 1, {
    thread: new URL('./hanging-thread.js', import.meta.url).href,
    graceMs: GRACE_MS,
    onThreadEnded: () => void process.stdout.write('thread ended\n'),
  }),
  onAttached: (address) => void process.stdout.write(`attached to ${address}\n`),
});
process.once('SIGTERM', () => void session.drain());
