/** Workers of an exchange without threads of their own: what tests and benches run and harm. */
import { MessageChannel } from 'node:worker_threads';
import { inlineExecutor } from '@isola/kernels/backends';
import {
  advanceSharded,
  type FluenceSpec,
  PlanShards,
  type ShardedState,
  shardedPlan,
} from '@isola/planning/searches';
import { LedShards, serveShards } from '../shards/index.js';
import { ShardHelp } from './help.js';
import { ShardLead } from './lead.js';
import { type ExchangeLink, peerOf } from './link.js';

const nowMs = () => performance.now();

/** One that always has time to help. */
export class ToyHelper {
  /** Steps answered so far. */
  answered = 0;
  private readonly help: ShardHelp;

  constructor(
    readonly link: ExchangeLink,
    name: string,
    spec: FluenceSpec,
  ) {
    this.help = new ShardHelp({
      ...{ link, self: peerOf(name), hasTime: () => true, nowMs },
      serve: ({ from, to }, give) => {
        const { port1, port2 } = new MessageChannel();
        give(port1);
        port1.on('message', () => this.answered++);
        const shards = new PlanShards(shardedPlan(spec, inlineExecutor()));
        return serveShards(port2, shards, { from, to });
      },
    });
  }

  /** Says that it leaves. */
  leave(): void {
    this.help.close();
  }
}

/** Optimises a plan with whoever helps. */
export async function toyLead(
  link: ExchangeLink,
  spec: FluenceSpec,
  iterations: number,
): Promise<ShardedState> {
  const { port1, port2 } = new MessageChannel();
  new ShardLead(port1, { link, self: peerOf('lead'), subject: 'plan', nowMs });
  const plan = shardedPlan(spec, inlineExecutor());
  const led = await LedShards.begin(port2, new PlanShards(plan), spec.shards);
  try {
    return await advanceSharded(plan, null, iterations, led);
  } finally {
    led.end();
    port2.close();
  }
}
