/** What a coordinator costs: cells a second, what cells of a second take more, its event loop. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { jetStreamStore } from '@isola/coordinator/jetstream';
import type { ClusterEvent, JobSpec } from '@isola/coordinator/jobs';
import { startNatsServer } from '@isola/coordinator/nats';
import { Dispatcher } from '@isola/coordinator/scheduling';
import { rpcServer } from '@isola/coordinator/services';
import type { Bench, Figures } from '../measurement/bench.js';
import type { ToyWorkers } from './toy-workers.js';

const KERNEL = 'toy 1';
const STATE_BYTES = 4096;

interface Scene {
  readonly name: string;
  readonly workers: Pick<ToyWorkers, 'workers' | 'slots' | 'cellMs'>;
  readonly islands: number;
  readonly epochs: number;
}

const SCENES: readonly Scene[] = [
  {
    ...{ name: 'cells at once, 4 KiB states', islands: 64, epochs: 60 },
    workers: { workers: 4, slots: 4, cellMs: 0 },
  },
  {
    ...{ name: 'cells of 1 s', islands: 16, epochs: 6 },
    workers: { workers: 4, slots: 1, cellMs: 1000 },
  },
  {
    ...{ name: '500 workers, cells of 5 s', islands: 500, epochs: 5 },
    workers: { workers: 500, slots: 1, cellMs: 5000 },
  },
];

export const cluster: Bench = {
  name: 'cluster',
  summary: 'cells a second through a coordinator and a NATS server, and what it adds to cells',
  async run(_options, records) {
    for (const scene of SCENES) await records.add(scene.name, () => measure(scene));
  },
};

/** A ring of islands with lag 1, without a finishing cell. */
function specOf({ islands, epochs }: Scene): JobSpec {
  const inNeighbours = Array.from({ length: islands }, (_, i) => [(i + islands - 1) % islands]);
  const spec = { jobHash: 'toy', kernelVersion: KERNEL, seed: 1, lag: 1, targetValue: null };
  return { ...spec, epochs, inNeighbours, finish: false };
}

async function measure(scene: Scene): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'isola-bench-'));
  const server = await startNatsServer({ folder });
  const store = await jetStreamStore<ClusterEvent>({ servers: server.url });
  const nowMs = () => performance.now();
  const dispatcher = await Dispatcher.lead(store, { name: 'bench', nowMs });
  const rpc = await rpcServer(dispatcher, { address: '127.0.0.1:0', tls: null });
  const address = `127.0.0.1:${rpc.port}`;
  const toys: ToyWorkers = {
    ...scene.workers,
    ...{ address, kernelVersion: KERNEL, stateBytes: STATE_BYTES },
  };
  const thread = new Worker(new URL('./toy-workers.js', import.meta.url), { workerData: toys });
  try {
    await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
    const subject = await store.putBlob(new Uint8Array(1));
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const startMs = nowMs();
    const { job } = await dispatcher.submit({
      ...{ tenant: 'local', key: '', subject, spec: specOf(scene) },
    });
    await done(dispatcher, job);
    const seconds = (nowMs() - startMs) / 1000;
    delay.disable();
    return figures(scene, seconds, delay.percentile(99) / 1e6);
  } finally {
    await thread.terminate();
    await rpc.close();
    await store.close();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function done(dispatcher: Dispatcher, job: string): Promise<void> {
  return new Promise((resolve) => {
    dispatcher.listen(() => {
      if (dispatcher.book.find(job)?.job.done) resolve();
    });
  });
}

function figures({ islands, epochs, workers }: Scene, seconds: number, loopP99Ms: number): Figures {
  const cells = islands * epochs;
  const idealSeconds = (cells * workers.cellMs) / 1000 / (workers.workers * workers.slots);
  const overheadPercent = workers.cellMs === 0 ? null : 100 * (seconds / idealSeconds - 1);
  return { cells, seconds, cellsPerSecond: cells / seconds, overheadPercent, loopP99Ms };
}
