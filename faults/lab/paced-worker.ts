/** A worker that computes as all do, but takes its time, and one plan's cells hang. */
import { CLIENT_OPTIONS, clientCredentials } from '@isola/cluster/runtime';
import { WorkerSession } from '@isola/worker/session';
import { CellComputer } from '@isola/worker/threads';
import { kernelVersion, version } from 'isola/version';

const MEMORY_BYTES = 2 ** 28;
/** Others wait for 30 s. Less than this ends threads that are only loading a plan, and are busy. */
const GRACE_MS = 10_000;

const [, , coordinators, name, cacheFolder] = process.argv;
const setup = { threads: 1, cacheFolder, memoryBytes: MEMORY_BYTES, version };
new WorkerSession({
  ...{ name, coordinators: coordinators.split(','), kernelVersion, slots: 1 },
  ...{ credentials: clientCredentials(null), channelOptions: CLIENT_OPTIONS },
  computer: new CellComputer(setup, 1, {
    thread: new URL('./hanging-thread.js', import.meta.url).href,
    graceMs: GRACE_MS,
    onThreadEnded: () => void process.stdout.write('thread ended\n'),
  }),
  onAttached: (address) => void process.stdout.write(`attached to ${address}\n`),
});
