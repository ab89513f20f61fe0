/** A thread of toy workers: real sessions and sockets, cells that take a set time and no maths. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { CLIENT_OPTIONS, clientCredentials } from '@isola/cluster/runtime';
import { outputOf } from '@isola/worker/cells';
import { WorkerSession } from '@isola/worker/session';

export interface ToyWorkers {
  readonly address: string;
  readonly workers: number;
  readonly slots: number;
  readonly kernelVersion: string;
  /** What a cell takes. */
  readonly cellMs: number;
  /** Of a state, and of what leaves an island. */
  readonly stateBytes: number;
}

const setup = workerData as ToyWorkers;

/** Bytes that follow from the cell's name, and are like no other cell's. */
function stateOf(key: string, kind: string): Uint8Array {
  const hash = createHash('shake256', { outputLength: setup.stateBytes });
  return hash.update(`${kind} ${key}`).digest();
}

function session(name: string): Promise<void> {
  return new Promise((resolve) => {
    new WorkerSession({
      ...{ name, slots: setup.slots, kernelVersion: setup.kernelVersion },
      ...{ coordinators: [setup.address], credentials: clientCredentials(null) },
      // A connection each, as workers of their own have.
      channelOptions: { ...CLIENT_OPTIONS, 'grpc.use_local_subchannel_pool': 1 },
      computer: {
        async compute({ key }) {
          if (setup.cellMs > 0) await pause(setup.cellMs);
          const figures = { value: 1, evaluations: 1 };
          return { type: 'done', output: outputOf(stateOf(key, 's'), stateOf(key, 'e'), figures) };
        },
        stop: () => {},
        stepOf: () => undefined,
        close: async () => {},
      },
      onAttached: (address) => {
        if (address !== null) resolve();
      },
    });
  });
}

await Promise.all(Array.from({ length: setup.workers }, (_, i) => session(`toy-${i}`)));
parentPort?.postMessage('attached');
