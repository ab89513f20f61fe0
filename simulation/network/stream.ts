import type { Process } from '../time/index.js';

/** What a stream asks of the network below it. */
interface Wire {
  isCut(from: string, to: string): boolean;
  delayMs(): number;
}

/** What the owner of an end is told. */
export interface EndListener {
  hear(message: unknown): void;
  /** The other side has ended the stream, after all that it had to say; or the stream is broken. */
  lost(isBroken: boolean): void;
}

/** A message, or one of these: the first and the last thing that a side says. */
const CONNECT = Symbol('connect');
const END = Symbol('end');

const RETRY_MS = 100;

/** A stream between two processes. */
export class Stream {
  readonly near: StreamEnd;
  readonly far: StreamEnd;
  private readonly onOver: (() => void)[] = [];

  /** @param to null: nobody is there; the near end is lost soon */
  constructor(wire: Wire, from: Process, to: Process | null, accept: (end: StreamEnd) => void) {
    const over = () => {
      if (this.near.isOpen || this.far.isOpen) return;
      for (const heard of this.onOver) heard();
    };
    this.near = new StreamEnd(wire, from, over);
    this.far = new StreamEnd(wire, to ?? from, over);
    this.near.join(this.far, accept);
    this.far.join(this.near, () => {});
    if (to !== null) this.near.send(CONNECT);
  }

  joins(host: string, other: string): boolean {
    const hosts = [this.near.process.host, this.far.process.host];
    return hosts.includes(host) && hosts.includes(other);
  }

  whenOver(heard: () => void): void {
    this.onOver.push(heard);
  }
}

/** One end of a stream: what it sends arrives at the other in order. */
export class StreamEnd {
  isOpen = true;
  listener: EndListener = { hear() {}, lost() {} };
  private hasEnded = false;
  private peer: StreamEnd = this;
  private accept: (end: StreamEnd) => void = () => {};
  private readonly queue: { readonly message: unknown; readonly readyMs: number }[] = [];

  constructor(
    private readonly wire: Wire,
    readonly process: Process,
    private readonly over: () => void,
  ) {}

  join(peer: StreamEnd, accept: (end: StreamEnd) => void): void {
    this.peer = peer;
    this.accept = accept;
  }

  send(message: unknown): void {
    if (!this.isOpen || this.hasEnded) return;
    const readyMs = this.process.timeline.nowMs + this.wire.delayMs();
    this.queue.push({ message, readyMs });
    if (this.queue.length === 1) this.carry(readyMs);
  }

  /** Nothing more is said from here; what comes is still heard, until the other side ends too. */
  end(): void {
    this.send(END);
    this.hasEnded = true;
  }

  /** This end is broken, or learns that it is. */
  lose(isBroken = true): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listener.lost(isBroken);
    this.over();
  }

  /** Brings the first message of the queue to the other end, then the next. */
  private carry(readyMs: number): void {
    const { timeline } = this.process;
    timeline.after(readyMs - timeline.nowMs, () => {
      if (this.wire.isCut(this.process.host, this.peer.process.host)) {
        this.carry(timeline.nowMs + RETRY_MS);
        return;
      }
      this.peer.process.after(0, () => {
        const first = this.queue.shift();
        if (first === undefined || !this.peer.isOpen) return;
        if (this.queue.length > 0) this.carry(this.queue[0].readyMs);
        this.peer.take(first.message, () => this.accept(this.peer));
      });
    });
  }

  private take(message: unknown, accept: () => void): void {
    if (message === CONNECT) accept();
    else if (message === END) {
      this.end();
      this.lose(false);
    } else this.listener.hear(message);
  }
}
