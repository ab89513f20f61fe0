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

/** What is neither, such as a connection that is closed, counts for nothing. */
type Answer = 'answered' | 'refused' | null;

const AT_ONCE = 256;

const target = JSON.parse(process.argv[2]) as FloodTarget;
const { rpc, web, certs, identity } = target;
const client = new GuardedClient(rpc, web, certs, identity, AT_ONCE);
const count = { answered: 0, refused: 0 };
let isResting = true;
let wake: (() => void)[] = [];

const ofCode = (code: status): Answer => {
  if (code === status.OK || code === status.NOT_FOUND) return 'answered';
  return code === status.RESOURCE_EXHAUSTED ? 'refused' : null;
};
const ofWeb = (code: number): Answer => {
  if (code === 200 || code === 404) return 'answered';
  return code === 429 ? 'refused' : null;
};
const calls: (() => Promise<Answer>)[] = [
  async () => ofCode(await client.code(() => client.list())),
  async () => ofCode(await client.code(() => client.pull('f'.repeat(64)))),
  async () => ofWeb((await client.http('GET', `/v1/jobs/${'f'.repeat(32)}`)).status),
  async () => ofWeb((await client.http('GET', '/v1/jobs')).status),
];

async function callOn(first: number): Promise<void> {
  for (let n = first; ; n++) {
    if (isResting) await new Promise<void>((resolve) => wake.push(resolve));
    const answer = await calls[n % calls.length]().catch(() => null);
    if (answer !== null) count[answer]++;
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
process.on('disconnect', () => process.exit());
for (let n = 0; n < AT_ONCE; n++) void callOn(n);
process.send?.(count);
