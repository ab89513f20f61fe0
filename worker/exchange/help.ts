/** Helps others: answers for the shards of one run at a time. */
import type { MessagePort } from 'node:worker_threads';
import type { HelpNews, HelpOrder } from '../shards/port-messages.js';
import type { ExchangeLink } from './link.js';
import type { Answer, Ask, ExchangeMessage, Join, Peer } from './messages.js';

export interface HelpOptions {
  readonly link: ExchangeLink;
  readonly self: Peer;
  /** Whether there is time for a run now. */
  readonly hasTime: () => boolean;
  /** Computes shards of a plan, as it is told through a port, until the port closes. */
  readonly serve: (join: Join, port: (own: MessagePort) => void) => Promise<void>;
  readonly nowMs: () => number;
}

interface Run {
  readonly join: Join;
  port: MessagePort | null;
  /** What was asked before there was a port. */
  readonly early: HelpOrder[];
  evaluation: number;
  step: number;
  /** To the last ask; null while it is computed. */
  answer: Answer | null;
  leadHeardMs: number;
  tickedMs: number;
  readonly end: () => void;
}

const HELPING_MS = 250;
/** Who leads is heard every second. */
const LEAD_SILENT_MS = 10_000;

export class ShardHelp {
  private run: Run | null = null;
  private readonly unsubscribes: (() => void)[];

  constructor(private readonly options: HelpOptions) {
    const { link, self } = options;
    this.unsubscribes = ['call', `to.${self}`].map((subject) =>
      link.subscribe(subject, (message) => this.hear(message)),
    );
  }

  /** Ends what it helps with. */
  close(): void {
    for (const unsubscribe of this.unsubscribes) unsubscribe();
    this.run?.end();
  }

  private hear(message: ExchangeMessage): void {
    const { link, self } = this.options;
    if (message.type === 'call') {
      if (message.lead === self || !this.isFreeFor(message)) return;
      link.publish(`to.${message.lead}`, { type: 'offer', run: message.run, helper: self });
    } else if (message.type === 'join') this.join(message);
    else if (message.run === this.run?.join.run) this.hearOfRun(message, this.run);
  }

  /** Who leads a plan anew has taken it over: from one who died, or was too slow. */
  private isFreeFor({ subject }: Pick<Join, 'subject'>): boolean {
    if (this.run !== null) return this.run.join.subject === subject;
    return this.options.hasTime();
  }

  private hearOfRun(message: ExchangeMessage, run: Run): void {
    run.leadHeardMs = this.options.nowMs();
    if (message.type === 'ask') this.asked(message, run);
    else if (message.type === 'leave') run.end();
  }

  private join(join: Join): void {
    const { link, self, nowMs, serve } = this.options;
    if (this.run?.join.run === join.run) return;
    const leave = () =>
      link.publish(`to.${join.lead}`, { type: 'leave', run: join.run, helper: self });
    if (!this.isFreeFor(join)) {
      leave();
      return;
    }
    this.run?.end();
    const unsubscribe = link.subscribe(`run.${join.run}`, (message) => this.hear(message));
    const timer = setInterval(() => this.tick(), HELPING_MS);
    const run: Run = {
      ...{ join, port: null, early: [], evaluation: 0, step: 0, answer: null },
      ...{ leadHeardMs: nowMs(), tickedMs: nowMs() },
      end: () => {
        if (this.run !== run) return;
        this.run = null;
        unsubscribe();
        clearInterval(timer);
        run.port?.close();
      },
    };
    this.run = run;
    const give = (port: MessagePort) => this.attach(run, port);
    serve(join, give)
      .catch(() => undefined)
      .finally(() => {
        leave();
        run.end();
      });
  }

  private attach(run: Run, port: MessagePort): void {
    if (this.run !== run) {
      port.close();
      return;
    }
    run.port = port;
    port.on('message', (news: HelpNews) => this.answered(news, run));
    for (const order of run.early) port.postMessage(order);
  }

  private asked({ evaluation, step, brought }: Ask, run: Run): void {
    const isAgain = evaluation === run.evaluation && step === run.step && run.evaluation > 0;
    if (isAgain) {
      this.say(run);
      return;
    }
    const isNext =
      (evaluation > run.evaluation && step <= 0) ||
      (evaluation === run.evaluation && step === run.step + 1);
    if (!isNext) return;
    [run.evaluation, run.step, run.answer] = [evaluation, step, null];
    const order: HelpOrder = { evaluation, step, brought };
    if (run.port === null) run.early.push(order);
    else run.port.postMessage(order);
  }

  private answered({ evaluation, step, answers }: HelpNews, run: Run): void {
    if (evaluation !== run.evaluation || step !== run.step || this.run !== run) return;
    const of = { run: run.join.run, evaluation, step, helper: this.options.self };
    run.answer = { type: 'answer', ...of, answers };
    this.say(run);
  }

  private say({ join, answer }: Run): void {
    if (answer !== null) this.options.link.publish(`to.${join.lead}`, answer);
  }

  private tick(): void {
    const { link, self, nowMs } = this.options;
    if (this.run === null) return;
    const { join, evaluation, step, answer } = this.run;
    const now = nowMs();
    // While nobody listened here nobody was silent.
    this.run.leadHeardMs += Math.max(0, now - this.run.tickedMs - HELPING_MS);
    this.run.tickedMs = now;
    if (now - this.run.leadHeardMs > LEAD_SILENT_MS) {
      this.run.end();
      return;
    }
    const isAnswered = answer !== null;
    const at = { run: join.run, helper: self, evaluation, step, isAnswered };
    link.publish(`to.${join.lead}`, { type: 'helping', ...at });
  }
}
