/** A plan in shards on a cluster of real processes: optimised by all workers, some of which die. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NatsServer, natsServerProblem, startNatsServer } from '@isola/coordinator/nats';
import { fromBytes } from '@isola/optimizers/islands';
import { type ExchangeMessage, PART_HEADER_BYTES } from '@isola/worker/exchange';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder, isola } from './built-command.js';
import { type Part, startPart, startWorker } from './cluster-processes.js';

const PLAN = [
  'case: phantom:tg119-c-shape',
  'machine: generic-6mv',
  'prescription: { structure: Target, doseGy: 50 }',
  'beams: { gantryDeg: [0, 72, 144, 216, 288], bixelMm: 10 }',
  'doseGridMm: 6',
  'fractions: 25',
  'objectives:',
  '  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }',
  '  - { structure: Core, type: squared-overdosing, doseGy: 15, weight: 50 }',
  'optimizer: { shards: 16, maxIterations: 60, tolerance: 1e-5 }',
].join('\n');

let folder: string;
let server: NatsServer;
let spy: NatsConnection;
let expected: string;
let address: string;
const parts: Part[] = [];
/** By helper: how many steps it has answered since it was looked at last. */
const answered = new Map<string, number>();
let onAnswer: (() => void) | null = null;

async function planHash(args: readonly string[]): Promise<string> {
  const out = ['--out', `out-${args.length}`, '--json'];
  const { code, stdout, stderr } = await isola(folder, ['optimize', 'plan.yaml', ...out, ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { planHash: string }).planHash;
}

/** Makes the plan once more: another seed changes nothing of it, but makes it another job. */
function again(seed: number): Promise<string> {
  writeFileSync(join(folder, 'plan.yaml'), `${PLAN}\nseed: ${seed}`);
  return planHash(['--coordinator', address]);
}

async function untilAnswers(count: number): Promise<void> {
  while ([...answered.values()].reduce((sum, each) => sum + each, 0) < count) {
    await new Promise<void>((resolve) => {
      onAnswer = resolve;
    });
  }
}

describe.skipIf(natsServerProblem() !== '')('a plan in shards', () => {
  beforeAll(async () => {
    folder = emptyFolder();
    writeFileSync(join(folder, 'plan.yaml'), PLAN);
    expected = await planHash([]);
    server = await startNatsServer({ folder: join(folder, 'nats') });
    spy = await connect({ servers: server.url });
    spy.subscribe('isola.exchange.*.to.*', {
      callback: (_error, { data }) => {
        const bytes = data.subarray(PART_HEADER_BYTES);
        const message = fromBytes(bytes, 'a message') as ExchangeMessage;
        if (message.type !== 'answer') return;
        answered.set(message.helper, (answered.get(message.helper) ?? 0) + 1);
        onAnswer?.();
      },
    });
    const log = ['--nats', server.url, '--nats-monitor', server.monitorUrl];
    const coordinator = await startPart(
      folder,
      ['serve', '--listen', '127.0.0.1:0', '--http', 'none', ...log],
      /listens on (\S+);/,
    );
    parts.push(coordinator);
    address = coordinator.said[1];
    for (let i = 0; i < 4; i++) parts.push(await startWorker(folder, address, `w${i}`));
  });

  afterAll(async () => {
    await Promise.all(parts.map((part) => part.end()));
    await spy.close();
    await server.kill();
  });

  it('is optimised by all workers together, with the bits of one machine', async () => {
    expect(await again(1)).toBe(expected);
    expect(answered.size).toBeGreaterThanOrEqual(3);
  });

  it('ends with the same where workers are killed, who leads or who helps', async () => {
    answered.clear();
    const planned = again(2);
    for (const worker of parts.slice(1, 3)) {
      await untilAnswers(20);
      await worker.end();
      answered.clear();
    }
    expect(await planned).toBe(expected);
  });
});
