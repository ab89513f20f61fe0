/**
 * Calls over gRPC and HTTP without a pause and without heeding when to come again: many at a time,
 * for what there is and for what there is not.
 */
import { status } from '@grpc/grpc-js';
import { GuardedClient } from './guarded-client.js';

export interface FloodTarget {
  readonly rpc: string;
  readonly web: string;
  readonly certs: string;
  /** Whose certificate. */
  readonly identity: string;
}

export type FloodOrder = 'go' | 'rest' | 'tell';

export interface FloodCount {
  readonly answered: number;
  readonly refused: number;
}

const AT_ONCE = 256;

const target = JSON.parse(process.argv[2]) as FloodTarget;
const { rpc, web, certs, identity } = target;
const client = new GuardedClient(rpc, web, certs, identity, AT_ONCE);
const count = { answered: 0, refused: 0 };
let isResting = true;
let wake: (() => void)[] = [];

const isRefused = (code: status) => code === status.RESOURCE_EXHAUSTED;
const calls = [
  async () => isRefused(await client.code(() => client.list())),
  async () => isRefused(await client.code(() => client.pull('f'.repeat(64)))),
  async () => (await client.http('GET', `/v1/jobs/${'f'.repeat(32)}`)).status === 429,
  async () => (await client.http('GET', '/v1/jobs')).status === 429,
];

async function callOn(first: number): Promise<void> {
  for (let n = first; ; n++) {
    if (isResting) await new Promise<void>((resolve) => wake.push(resolve));
    // A connection that was closed is as good as a refusal.
    const wasRefused = await calls[n % calls.length]().catch(() => true);
    if (wasRefused) count.refused++;
    else count.answered++;
  }
}

process.on('message', (order: FloodOrder) => {
  if (order === 'tell') {
    process.send?.(count);
    return;
  }
  isResting = order === 'rest';
  if (isResting) return;
  const woken = wake;
  wake = [];
  for (const each of woken) each();
});
for (let n = 0; n < AT_ONCE; n++) void callOn(n);
process.send?.(count);
