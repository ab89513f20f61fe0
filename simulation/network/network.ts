/**
 * The network between hosts. Streams are as TCP makes them: in order, each message once, until
 * they break; what the wire loses, doubles or reorders is only late there. Calls can be lost on
 * their way and on their way back, and can arrive twice.
 */
import type { Chance, Process, Timeline } from '../time/index.js';
import { Stream, type StreamEnd } from './stream.js';

export interface NetworkSettings {
  readonly delayMs: number;
  /** Up to so much more, drawn for each message. */
  readonly jitterMs: number;
  /** Part of the packets that is lost. */
  readonly loss: number;
  /** Part of the calls that arrives a second time, later. */
  readonly duplicates: number;
  /** Whether coordinators notice soon that the other end of a stream does not answer. */
  readonly isWatched: boolean;
}

/** Where a process may be called. */
export interface Target {
  readonly host: string;
  /** Null while none runs there. */
  process(): Process | null;
}

export interface Listener extends Target {
  accept(end: StreamEnd): void;
}

/** No answer came, or nobody was there. The call may have been done all the same. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** An end that hears nothing for so long gives up. */
const KEEPALIVE_MS = 8_000;
const UNWATCHED_MS = 40_000;
const RETRANSMIT_MS = 200;

export class Network {
  private readonly cuts = new Map<string, number>();
  private readonly streams = new Set<Stream>();

  constructor(
    readonly timeline: Timeline,
    private readonly chance: Chance,
    private settings: NetworkSettings,
  ) {}

  /** Nothing is lost or doubled any more. */
  calm(): void {
    this.settings = { ...this.settings, loss: 0, duplicates: 0 };
  }

  /** Nothing gets from one host to another for a time; what goes the other way does. */
  cut(from: string, to: string, durationMs: number): void {
    const { nowMs } = this.timeline;
    this.timeline.note(`${from} does not reach ${to}`);
    this.cuts.set(`${from} ${to}`, nowMs + durationMs);
    for (const stream of this.streams) {
      if (!stream.joins(from, to)) continue;
      const isStillCut = () => this.isCut(from, to) || this.isCut(to, from);
      this.giveUp(stream, isStillCut);
    }
  }

  isCut(from: string, to: string): boolean {
    return this.timeline.nowMs < (this.cuts.get(`${from} ${to}`) ?? 0);
  }

  /** How long a message takes; packets that are lost are sent again. */
  delayMs(): number {
    const { delayMs, jitterMs, loss } = this.settings;
    let total = delayMs + this.chance.part() * jitterMs;
    for (let wait = RETRANSMIT_MS; this.chance.happens(loss); wait *= 2) total += wait;
    return total;
  }

  /**
   * Asks a process to do something.
   * @throws Unavailable; what `serve` rejects with
   */
  call<P, T>(
    from: Process,
    to: Target & P,
    timeoutMs: number,
    serve: (target: Target & P) => Promise<T>,
  ): Promise<T> {
    const served = async () => serve(to);
    return new Promise((resolve, reject) => {
      from.after(timeoutMs, () => reject(new Unavailable(`${to.host} does not answer`)));
      const answer = (process: Process, settle: () => void) => {
        if (this.isDropped(to.host, from.host) || !process.isAlive) return;
        from.after(this.delayMs(), settle);
      };
      const arrive = () => {
        const process = to.process();
        if (process === null || !process.isAlive) return;
        process.after(0, () => {
          served().then(
            (value) => answer(process, () => resolve(value)),
            (error: unknown) => answer(process, () => reject(error)),
          );
        });
      };
      if (this.isDropped(from.host, to.host)) return;
      this.timeline.after(this.delayMs(), arrive);
      if (this.chance.happens(this.settings.duplicates)) {
        this.timeline.after(this.delayMs() + this.chance.between(0, timeoutMs), arrive);
      }
    });
  }

  /** A stream to a process; its end is lost at once where nobody is there. */
  dial(from: Process, to: Listener): StreamEnd {
    const process = to.process();
    const isDown = process === null || this.isCut(from.host, to.host);
    const isMute = this.isCut(to.host, from.host);
    const stream = new Stream(this, from, isDown || isMute ? null : process, (end) =>
      to.accept(end),
    );
    if (process === null || isDown || isMute) {
      from.after(this.delayMs() + RETRANSMIT_MS, () => stream.near.lose());
      return stream.near;
    }
    this.streams.add(stream);
    stream.whenOver(() => this.streams.delete(stream));
    for (const [mine, other] of [
      [from, stream.far],
      [process, stream.near],
    ] as const) {
      mine.whenKilled(() => this.tellLater(other));
      mine.whenFrozen(() => this.giveUp(stream, () => mine.isFrozen));
    }
    return stream.near;
  }

  /** Breaks one of the streams that there are; each end learns of it in its own time. */
  reset(): void {
    if (this.streams.size === 0) return;
    const stream = this.chance.pick([...this.streams]);
    this.timeline.note('a stream is reset');
    for (const end of [stream.near, stream.far]) this.tellLater(end);
  }

  private isDropped(from: string, to: string): boolean {
    return this.isCut(from, to) || this.chance.happens(this.settings.loss);
  }

  private tellLater(end: StreamEnd): void {
    const laterMs = this.chance.happens(0.7) ? this.delayMs() : this.chance.part() * KEEPALIVE_MS;
    end.process.after(laterMs, () => end.lose());
  }

  /** Both ends miss each other's signs of life, if it is still so then. */
  private giveUp(stream: Stream, isStill: () => boolean): void {
    const farMs = this.settings.isWatched ? KEEPALIVE_MS : UNWATCHED_MS;
    for (const [end, waitMs] of [
      [stream.near, KEEPALIVE_MS],
      [stream.far, farMs],
    ] as const) {
      this.timeline.after(KEEPALIVE_MS, () => {
        const moreMs = waitMs - KEEPALIVE_MS + this.delayMs();
        if (isStill()) end.process.after(moreMs, () => end.lose());
      });
    }
  }
}
