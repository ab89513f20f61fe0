import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { type AllShards, mergedNodes, nodeKey, type ShardRange } from '@isola/planning/problem';
import { BUILD } from '@isola/planning/searches';
import type { LeadNews, LeadOrder } from './port-messages.js';

/** Who computes shards in this thread, and merges what they answer. */
export interface OwnShards {
  answer(node: ShardRange, step: number, brought: Float64Array): Promise<Float64Array>;
  merged(step: number, one: Float64Array, other: Float64Array): Float64Array;
  keep(range: ShardRange): void;
}

interface AskedAll {
  readonly step: number;
  readonly brought: Float64Array;
}

/**
 * All shards of a plan: some are computed here, others by helpers that the other end of a port
 * leads. Shards that helpers give up are taken over; they are told what was asked before.
 */
export class LedShards implements AllShards {
  private own: ShardRange[] = [];
  private readonly answers = new Map<string, Float64Array>();
  private readonly untaken: ShardRange[] = [];
  private onNews: (() => void) | null = null;
  /** What was asked since the last point was brought. */
  private asked: AskedAll[] = [];

  private constructor(
    private readonly port: MessagePort,
    private readonly shards: OwnShards,
    private readonly count: number,
  ) {}

  /** Waits until helpers are found, or there are none. */
  static async begin(port: MessagePort, shards: OwnShards, count: number): Promise<LedShards> {
    const led = new LedShards(port, shards, count);
    const begun = once(port, 'message');
    led.tell({ type: 'begin', count });
    const [news] = (await begun) as [LeadNews];
    if (news.type !== 'begun') throw new Error('a run begins once');
    led.own = [...news.own];
    const [first, last] = [led.own[0], led.own[led.own.length - 1]];
    shards.keep({ from: first.from, to: last.to });
    port.on('message', (later: LeadNews) => led.hear(later));
    return led;
  }

  async ask(step: number, brought: Float64Array): Promise<Float64Array> {
    this.asked = step <= 0 ? [] : this.asked;
    this.asked.push({ step, brought });
    this.answers.clear();
    this.tell({ type: 'ask', step, brought });
    for (const node of this.own) {
      this.answers.set(nodeKey(node), await this.shards.answer(node, step, brought));
    }
    this.tell({ type: 'waiting' });
    for (;;) {
      while (this.untaken.length > 0) await this.take(this.untaken.shift() as ShardRange);
      const merged = this.merged(step);
      if (merged !== null) return merged;
      await new Promise<void>((resolve) => {
        this.onNews = resolve;
      });
    }
  }

  /** Lets the helpers go. */
  end(): void {
    this.tell({ type: 'end' });
  }

  private merged(step: number): Float64Array | null {
    const all = { from: 0, to: this.count };
    return mergedNodes(
      all,
      (node) => this.answers.get(nodeKey(node)),
      (one, other) => this.shards.merged(step, one, other),
    );
  }

  /** Computes a node from now on, and what it was asked since the last point. */
  private async take(node: ShardRange): Promise<void> {
    this.own.push(node);
    const { asked } = this;
    let answer = await this.shards.answer(node, BUILD, new Float64Array(0));
    for (const { step, brought } of asked) {
      if (step !== BUILD) answer = await this.shards.answer(node, step, brought);
    }
    this.answers.set(nodeKey(node), answer);
  }

  private hear(news: LeadNews): void {
    if (news.type === 'answers') {
      for (const { numbers, ...node } of news.answers) this.answers.set(nodeKey(node), numbers);
    } else if (news.type === 'take') this.untaken.push(...news.nodes);
    this.onNews?.();
    this.onNews = null;
  }

  private tell(order: LeadOrder): void {
    this.port.postMessage(order);
  }
}
