import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { AllShards, ShardAnswer, ShardRange } from '@isola/planning/problem';
import { BUILD } from '@isola/planning/searches';
import type { LeadNews, LeadOrder } from './port-messages.js';

/** Who computes shards in this thread, and merges what they answer. */
export interface OwnShards {
  answer(range: ShardRange, step: number, brought: Float64Array): Promise<ShardAnswer[]>;
  /** Whether answers are those of a range to a step, by their parts and numbers. */
  fits(range: ShardRange, step: number, answers: readonly ShardAnswer[]): boolean;
  /** Null where a part is missing. */
  merged(step: number, answers: readonly ShardAnswer[]): Float64Array | null;
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
  /** To the last ask, by the first shard. */
  private readonly answers = new Map<number, ShardAnswer>();
  private readonly untaken: ShardRange[] = [];
  private onNews: (() => void) | null = null;
  /** What was asked since the last point was brought. */
  private asked: AskedAll[] = [];

  private constructor(
    private readonly port: MessagePort,
    private readonly shards: OwnShards,
  ) {}

  /** Waits until helpers are found, or there are none. */
  static async begin(port: MessagePort, shards: OwnShards, count: number): Promise<LedShards> {
    const led = new LedShards(port, shards);
    const begun = once(port, 'message');
    led.tell({ type: 'begin', count });
    const [news] = (await begun) as [LeadNews];
    if (news.type !== 'begun') throw new Error('a run begins once');
    led.own = [news.own];
    shards.keep(news.own);
    port.on('message', (later: LeadNews) => led.hear(later));
    return led;
  }

  async ask(step: number, brought: Float64Array): Promise<Float64Array> {
    this.asked = step <= 0 ? [] : this.asked;
    this.asked.push({ step, brought });
    this.answers.clear();
    this.tell({ type: 'ask', step, brought });
    for (const range of this.own) this.know(await this.shards.answer(range, step, brought));
    this.tell({ type: 'waiting' });
    for (;;) {
      while (this.untaken.length > 0) await this.take(this.untaken.shift() as ShardRange);
      const merged = this.shards.merged(step, [...this.answers.values()]);
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

  /** Computes shards from now on, and what they were asked since the last point. */
  private async take(range: ShardRange): Promise<void> {
    this.own.push(range);
    const { asked } = this;
    let answers = await this.shards.answer(range, BUILD, new Float64Array(0));
    for (const { step, brought } of asked) {
      if (step !== BUILD) answers = await this.shards.answer(range, step, brought);
    }
    this.know(answers);
  }

  private hear(news: LeadNews): void {
    if (news.type === 'answers') this.check(news.range, news.answers);
    else if (news.type === 'take') this.untaken.push(news.range);
    this.onNews?.();
    this.onNews = null;
  }

  /** To the last ask. */
  private check(range: ShardRange, answers: readonly ShardAnswer[]): void {
    const { step } = this.asked[this.asked.length - 1];
    if (this.shards.fits(range, step, answers)) this.know(answers);
    else this.tell({ type: 'misfit', range });
  }

  private know(answers: readonly ShardAnswer[]): void {
    for (const answer of answers) this.answers.set(answer.from, answer);
  }

  private tell(order: LeadOrder): void {
    this.port.postMessage(order);
  }
}
