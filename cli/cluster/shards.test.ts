/** Workers that optimise one plan together: real NATS, messages that are lost, doubled and late. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsConnection } from '@isola/cluster/runtime';
import { type NatsServer, startNatsServer } from '@isola/coordinator/nats';
import { contentId } from '@isola/coordinator/store';
import { readPlan } from '@isola/formats/plan';
import { inlineExecutor } from '@isola/kernels/backends';
import { RandomStream } from '@isola/kernels/random';
import { toBytes } from '@isola/optimizers/islands';
import {
  advanceSharded,
  type FluenceSpec,
  PlanShards,
  type ShardedState,
  shardedPlan,
} from '@isola/planning/searches';
import {
  type Answer,
  type ExchangeLink,
  type ExchangeMessage,
  type ExchangeNote,
  natsLink,
  peerOf,
  ToyHelper,
  toyLead,
} from '@isola/worker/exchange';
import { loadPlanFile } from '@isola/worker/plans';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const PLAN = `
case: phantom:tg119-c-shape
machine: generic-6mv
prescription: { structure: Target, doseGy: 50 }
beams: { gantryDeg: [0, 72, 144, 216, 288], bixelMm: 15 }
doseGridMm: 10
fractions: 25
objectives:
  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 100 }
  - { structure: Core, type: max-dvh, doseGy: 15, volumePercent: 20, weight: 50 }
  - { structure: Body, type: geud, a: 3, doseGy: 5, weight: 1 }
optimizer: { shards: 16 }
`;
const ITERATIONS = 6;

let folder: string;
let server: NatsServer;
let spec: FluenceSpec;
/** The hash of what one machine comes to. */
let expected: string;
const links: ExchangeLink[] = [];
const helpers: ToyHelper[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isola-shards-'));
  server = await startNatsServer({ folder });
  spec = (await loadPlanFile(readPlan(PLAN, 'plan'), 'plan')).spec;
  const plan = shardedPlan(spec, inlineExecutor());
  expected = hashOf(await advanceSharded(plan, null, ITERATIONS, new PlanShards(plan)));
});

afterEach(async () => {
  for (const helper of helpers.splice(0)) helper.leave();
  await Promise.all(links.splice(0).map((link) => link.close()));
});

afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true });
});

const hashOf = (state: ShardedState) => contentId(toBytes(state));

async function linkTo(
  through = (link: ExchangeLink) => link,
  observe: (note: ExchangeNote) => void = () => {},
): Promise<ExchangeLink> {
  const connection = natsConnection([server.url], 'worker', null);
  const link = await natsLink({ connection, prefix: 'test.exchange', observe });
  links.push(link);
  return through(link);
}

async function startHelper(name: string, through?: (link: ExchangeLink) => ExchangeLink) {
  const helper = new ToyHelper(await linkTo(through), name, spec);
  helpers.push(helper);
  return helper;
}

/** Answers that are for other shards, or are of other sizes. */
const misfits: Record<string, (answer: Answer) => Answer> = {
  'no parts': (answer) => ({ ...answer, answers: [] }),
  'parts that end before they begin': (answer) => ({
    ...answer,
    answers: answer.answers.map((part) => ({ ...part, to: part.from - 1 })),
  }),
  'parts of all shards': (answer) => ({
    ...answer,
    answers: answer.answers.map((part) => ({ ...part, from: 0, to: 16 })),
  }),
  'too few numbers': (answer) => ({
    ...answer,
    answers: answer.answers.map((part) => ({ ...part, numbers: part.numbers.subarray(1) })),
  }),
  'too many numbers': (answer) => ({
    ...answer,
    answers: answer.answers.map((part) => ({
      ...part,
      numbers: Float64Array.of(...part.numbers, 1),
    })),
  }),
};

const led = async (link: ExchangeLink) => hashOf(await toyLead(link, spec, ITERATIONS));

describe('a plan in shards', () => {
  it.each([0, 1, 2, 3])('has the same bits with %i helpers', async (count) => {
    const some = await Promise.all(
      Array.from({ length: count }, (_, i) => startHelper(`helper ${i}`)),
    );
    expect(await led(await linkTo())).toBe(expected);
    for (const { answered } of some) expect(answered).toBeGreaterThan(ITERATIONS);
  });

  it('has the same bits where its worker has left the exchange', async () => {
    const helper = await startHelper('a');
    const left = await linkTo();
    await left.close();
    expect(await led(left)).toBe(expected);
    expect(helper.answered).toBe(0);
  });

  it('has the same bits where messages are lost, doubled and late', async () => {
    const random = new RandomStream(1, 'messages');
    let sent = 0;
    const faults = { lost: 0, doubled: 0, late: 0 };
    const through = (link: ExchangeLink): ExchangeLink => ({
      ...{ subscribe: link.subscribe.bind(link), close: () => link.close() },
      publish(subject, message) {
        const draw = random.uniform(0, 0, 0, sent++);
        if (draw < 0.1) faults.lost++;
        else if (draw < 0.3) {
          faults.late++;
          setImmediate(() => setImmediate(() => link.publish(subject, message)));
        } else link.publish(subject, message);
        if (draw < 0.5 && draw >= 0.3) {
          faults.doubled++;
          link.publish(subject, message);
        }
      },
    });
    await Promise.all(['a', 'b'].map((name) => startHelper(name, through)));
    expect(await led(await linkTo(through))).toBe(expected);
    expect(Math.min(faults.lost, faults.doubled, faults.late)).toBeGreaterThan(3);
  });

  it.each(Object.entries(misfits))(
    'has the same bits where answers of a helper have %s',
    async (_what, change) => {
      const through = (link: ExchangeLink): ExchangeLink => ({
        ...{ subscribe: link.subscribe.bind(link), close: () => link.close() },
        publish: (subject, message) =>
          link.publish(
            subject,
            message.type === 'answer' && message.evaluation > 1 ? change(message) : message,
          ),
      });
      const helper = await startHelper('a', through);
      expect(await led(await linkTo())).toBe(expected);
      // It is asked no more after the first of them.
      expect(helper.answered).toBeGreaterThan(0);
      expect(helper.answered).toBeLessThan(ITERATIONS);
    },
  );

  it('has the same bits where a helper dies, and another leaves', async () => {
    const [dying, leaving] = await Promise.all(['a', 'b'].map((name) => startHelper(name)));
    const run = led(await linkTo());
    const watch = setInterval(() => {
      // Its connection ends without a word; the other one says that it leaves.
      if (dying.answered > 8) void dying.link.close();
      if (leaving.answered > 8) leaving.leave();
    }, 1);
    try {
      expect(await run).toBe(expected);
    } finally {
      clearInterval(watch);
    }
  });
});

describe('a link', () => {
  it('hears nothing of what is no message, and says so', async () => {
    const call = { type: 'call', run: randomUUID(), lead: peerOf('lead'), subject: 'plan' };
    const wrong = [null, 7, {}, { ...call, type: 'calls' }, { ...call, lead: '>' }];
    const notes: string[] = [];
    const link = await linkTo(undefined, ({ type }) => notes.push(type));
    const heard = new Promise((resolve) => link.subscribe('call', resolve));
    for (const message of [...wrong, call]) link.publish('call', message as ExchangeMessage);
    expect(await heard).toEqual(call);
    expect(notes.filter((type) => type === 'corrupted')).toHaveLength(wrong.length);
  });
});
