/**
 * Leads a run: finds helpers, gives them shards, hands on what is asked and what they answer. Who
 * says nothing, or keeps all others waiting, loses its shards to the computing thread; whatever
 * happens to messages, that gets each answer once.
 */
import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { ShardRange } from '@isola/planning/problem';
import type { LeadNews, LeadOrder } from '../shards/port-messages.js';
import type { ExchangeLink } from './link.js';
import type { Answer, Ask, ExchangeMessage, Helping, Peer } from './messages.js';
import { rangesOf } from './ranges.js';

export interface LeadOptions {
  readonly link: ExchangeLink;
  readonly self: Peer;
  /** The plan's bundle. */
  readonly subject: string;
  readonly nowMs: () => number;
}

interface Helper {
  readonly range: ShardRange;
  heardMs: number;
  /** When something was said to it again. */
  toldMs: number;
}

/** Who has time answers a call at once. */
const OFFERS_MS = 300;
const TICK_MS = 250;
const LEADING_MS = 1_000;
const AGAIN_MS = 400;
/** A helper is heard several times a second. */
const SILENT_MS = 5_000;
/** Others are waited for so long, and for so many times what the own shards took. */
const PATIENCE_MS = 5_000;
const PATIENCE_TIMES = 4;

export class ShardLead {
  private readonly run = randomUUID();
  private readonly offers = new Set<Peer>();
  private readonly helpers = new Map<Peer, Helper>();
  /** Who owes the answer to the last ask. */
  private readonly owing = new Set<Peer>();
  /** Since the last point was brought. */
  private asks: Ask[] = [];
  private evaluation = 0;
  private askedMs = 0;
  private waitingMs: number | null = null;
  private saidMs = 0;
  private tickedMs = 0;
  private unsubscribe: () => void = () => {};
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly port: MessagePort,
    private readonly options: LeadOptions,
  ) {
    port.on('message', (order: LeadOrder) => this.obey(order));
    port.on('close', () => this.close());
  }

  private obey(order: LeadOrder): void {
    if (order.type === 'begin') this.call(order.count);
    else if (order.type === 'ask') this.ask(order.step, order.brought);
    else if (order.type === 'end') this.close();
    else if (order.type === 'misfit') this.dismissFrom(order.range);
    else this.waitingMs = this.options.nowMs();
  }

  private call(count: number): void {
    const { link, self, subject } = this.options;
    this.unsubscribe = link.subscribe(`to.${self}`, (message) => this.hear(message));
    link.publish('call', { type: 'call', run: this.run, lead: self, subject });
    this.tickedMs = this.options.nowMs();
    this.timers.push(setTimeout(() => this.begin(count), OFFERS_MS));
    this.timers.push(setInterval(() => this.tick(), TICK_MS));
  }

  private begin(count: number): void {
    const { link, self, subject, nowMs } = this.options;
    const { run } = this;
    const ranges = rangesOf(self, [...this.offers], count);
    for (const [peer, range] of ranges) {
      if (peer === self) continue;
      this.helpers.set(peer, { range, heardMs: nowMs(), toldMs: 0 });
      link.publish(`to.${peer}`, { type: 'join', run, lead: self, subject, ...range });
    }
    this.tell({ type: 'begun', own: ranges.get(self) as ShardRange });
  }

  private ask(step: number, brought: Float64Array): void {
    const { link, nowMs } = this.options;
    if (step <= 0) {
      this.evaluation++;
      this.asks = [];
    }
    const { run, evaluation } = this;
    const ask: Ask = { type: 'ask', run, evaluation, step, brought };
    this.asks.push(ask);
    this.askedMs = nowMs();
    this.waitingMs = null;
    for (const peer of this.helpers.keys()) this.owing.add(peer);
    if (this.helpers.size > 0) link.publish(`run.${run}`, ask);
  }

  private hear(message: ExchangeMessage): void {
    if (message.run !== this.run) return;
    if (message.type === 'offer') this.offers.add(message.helper);
    else if (message.type === 'answer') this.take(message);
    else if (message.type === 'helping') this.learn(message);
    else if (message.type === 'leave' && message.helper !== null) this.dismiss(message.helper);
  }

  /** An answer to anything but the last ask is late, or a double. */
  private take({ evaluation, step, helper, answers }: Answer): void {
    const last = this.asks[this.asks.length - 1];
    const known = this.helpers.get(helper);
    const isLast = last?.evaluation === evaluation && last.step === step;
    if (known === undefined || !isLast || !this.owing.delete(helper)) return;
    known.heardMs = this.options.nowMs();
    this.tell({ type: 'answers', range: known.range, answers });
  }

  /** Says again what a helper has missed, or what it has answered and nobody has heard. */
  private learn({ helper, evaluation, step, isAnswered }: Helping): void {
    const known = this.helpers.get(helper);
    if (known === undefined) return;
    known.heardMs = this.options.nowMs();
    if (!this.owing.has(helper)) return;
    const at = this.asks.findIndex((ask) => ask.evaluation === evaluation && ask.step === step);
    const isLast = at >= 0 && at === this.asks.length - 1;
    if (isLast && !isAnswered) return;
    const again = this.asks[isLast ? at : at + 1];
    // What was said a moment ago may be on its way.
    const now = this.options.nowMs();
    if (again === undefined || now - Math.max(this.askedMs, known.toldMs) < AGAIN_MS) return;
    known.toldMs = now;
    this.options.link.publish(`to.${helper}`, again);
  }

  private tick(): void {
    const { link, nowMs } = this.options;
    const now = nowMs();
    this.forgive(now - this.tickedMs - TICK_MS);
    this.tickedMs = now;
    if (now - this.saidMs >= LEADING_MS && this.helpers.size > 0) {
      this.saidMs = now;
      link.publish(`run.${this.run}`, { type: 'leading', run: this.run });
    }
    for (const [peer, { heardMs }] of this.helpers) {
      if (now - heardMs > SILENT_MS) this.dismiss(peer);
    }
    if (this.waitingMs === null || this.owing.size === 0) return;
    const patienceMs = PATIENCE_MS + PATIENCE_TIMES * (this.waitingMs - this.askedMs);
    if (now - this.waitingMs > patienceMs) {
      for (const peer of this.owing) this.dismiss(peer);
    }
  }

  /** While nobody listened here nobody was silent. */
  private forgive(lateMs: number): void {
    if (lateMs <= 0) return;
    for (const helper of this.helpers.values()) helper.heardMs += lateMs;
    if (this.waitingMs !== null) this.waitingMs += lateMs;
  }

  private dismissFrom({ from }: ShardRange): void {
    for (const [peer, { range }] of this.helpers) if (range.from === from) this.dismiss(peer);
  }

  private dismiss(peer: Peer): void {
    const helper = this.helpers.get(peer);
    if (helper === undefined) return;
    this.helpers.delete(peer);
    this.owing.delete(peer);
    const { link } = this.options;
    link.publish(`to.${peer}`, { type: 'leave', run: this.run, helper: peer });
    this.tell({ type: 'take', range: helper.range });
  }

  private close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.unsubscribe();
    const { link } = this.options;
    if (this.helpers.size > 0) {
      link.publish(`run.${this.run}`, { type: 'leave', run: this.run, helper: null });
      this.helpers.clear();
    }
  }

  private tell(news: LeadNews): void {
    this.port.postMessage(news);
  }
}
