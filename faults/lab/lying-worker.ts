/** A worker that computes as all do, and tells one number of each result wrong by its last bit. */
import { createHash } from 'node:crypto';
import { CLIENT_OPTIONS, clientCredentials } from '@isola/cluster/runtime';
import { fromBytes, toBytes } from '@isola/optimizers/islands';
import { WorkerSession } from '@isola/worker/session';
import { CellComputer, type CellOrder, type CellResult } from '@isola/worker/threads';
import { kernelVersion, version } from 'isola/version';

const MEMORY_BYTES = 2 ** 28;

class LyingComputer extends CellComputer {
  override async compute(order: CellOrder): Promise<CellResult> {
    const result = await super.compute(order);
    if (result.type !== 'done') return result;
    const told = fromBytes(result.output.state, 'a state');
    bend(told);
    const state = toBytes(told);
    const stateHash = createHash('sha256').update(state).digest('hex');
    return { type: 'done', output: { ...result.output, state, stateHash } };
  }
}

/** Changes the last bit of the first number of the first array there is; whether there is one. */
function bend(value: unknown): boolean {
  if (value instanceof Float64Array || value instanceof Float32Array) {
    const words = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    words[0] ^= 1;
    return true;
  }
  return value !== null && typeof value === 'object' && Object.values(value).some(bend);
}

const [, , coordinators, name, cacheFolder] = process.argv;
new WorkerSession({
  ...{ name, coordinators: coordinators.split(','), kernelVersion, slots: 1 },
  ...{ credentials: clientCredentials(null), channelOptions: CLIENT_OPTIONS },
  computer: new LyingComputer({ threads: 1, cacheFolder, memoryBytes: MEMORY_BYTES, version }, 1),
  onAttached: (address) => void process.stdout.write(`attached to ${address}\n`),
});
