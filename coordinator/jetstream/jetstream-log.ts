/**
 * The events of a cluster's log: message N of the stream is line N of an events.log, so a chain of
 * checksums leads through it (log-record.ts). Who appends says behind which message, by its number,
 * and sends an event when the one before is kept: a leader that was deposed, and does not know it
 * yet, is refused, and what waits behind that is never sent. (Servers could compare names of
 * messages too. A server that comes back to others does not know the last one's, though, and then
 * keeps nothing more.)
 */

import { setTimeout as pause } from 'node:timers/promises';
import { JetStreamApiCodes, type JetStreamManager, type StoredMsg } from '@nats-io/jetstream';
import { headers, nuid } from '@nats-io/transport-node';
import { logRecord, NOTHING_BEFORE, readRecord, StoreError } from '../store/index.js';
import { type JetStreamLink, NotYet } from './jetstream-link.js';
import { batchFrom, codeOf, ensureStream, lastSequence, leader } from './jetstream-stream.js';

/** A place in the log: how many events are before it, and the checksum of the last of them. */
interface Head {
  readonly version: number;
  readonly sum: string;
}

/** Behind all events that wait, or are on their way. */
interface Tip extends Head {
  /** Of the last of them. */
  readonly kept: Promise<void>;
  /** The same for all that are behind each other. */
  readonly run: object;
}

const BEGINNING: Head = { version: 0, sum: NOTHING_BEFORE };
/** Who appended: tells an event of ours whose acknowledgement was lost from one like it. */
const WRITER = 'Isola-Writer';
/** The longest line: the leader hands it out with a third more characters, in 1 MiB at most. */
const MAX_BYTES = 512 << 10;
/** How long a new event may stay unnoticed where the message that announces it is lost. */
const POLL_MS = 1000;

export class JetStreamLog<E> {
  private readonly writer = nuid.next();
  /** What has been read or acknowledged. */
  private head = BEGINNING;
  private underWay: Tip | null = null;

  private constructor(
    private readonly link: JetStreamLink,
    readonly stream: string,
    private readonly subject: string,
    /** Where each append is announced to who follows. */
    private readonly announced: string,
  ) {}

  static async open<E>(
    link: JetStreamLink,
    prefix: string,
    replicas: number,
  ): Promise<JetStreamLog<E>> {
    const [name, subject] = [`${prefix}-events`, `${prefix}.events`];
    const lasting = { max_msgs_per_subject: -1, deny_delete: true, deny_purge: true };
    await ensureStream(link, replicas, { name, subjects: [subject], ...lasting });
    return new JetStreamLog<E>(link, name, subject, `${prefix}.appended`);
  }

  /** How many events are known to be there. */
  get version(): number {
    return this.head.version;
  }

  /**
   * All events, each checked.
   * @param atLeast how many there are for certain
   */
  async all(atLeast: number): Promise<E[]> {
    const events: E[] = [];
    await this.settled();
    const end = await this.end(Math.max(atLeast, this.head.version));
    for await (const { event, ...head } of this.read(BEGINNING, end)) {
      events.push(event);
      this.advance(head);
    }
    return events;
  }

  /**
   * Takes an event, to be sent behind those that wait.
   * @returns `kept` resolves once it is there
   */
  async begin(event: E, expectedVersion: number): Promise<{ readonly kept: Promise<void> }> {
    if (expectedVersion > this.tip.version) {
      await this.settled();
      const end = await this.end(this.head.version);
      for await (const head of this.read(this.head, end)) this.advance(head);
    }
    const { version, sum: prev, kept: before, run } = this.tip;
    if (expectedVersion !== version) throw this.conflict(version, expectedVersion);
    const { line, sum } = logRecord(event, version + 1, prev);
    const bytes = Buffer.from(line);
    if (bytes.length > MAX_BYTES) {
      throw new Error(`an event of ${bytes.length} bytes: keep what is in it as a blob`);
    }
    const kept = this.kept({ version: version + 1, sum, run, kept: before }, bytes);
    this.underWay = { version: version + 1, sum, run, kept };
    return { kept };
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await this.underWay?.kept.catch(() => {});
  }

  private get tip(): Tip {
    const { head, underWay } = this;
    if (underWay !== null && underWay.version > head.version) return underWay;
    return { ...head, kept: Promise.resolve(), run: {} };
  }

  /** @param kept of the event before */
  private async kept({ kept: before, run, ...head }: Tip, line: Buffer): Promise<void> {
    try {
      await before;
      await this.link.attempt((manager) => this.publish(manager, line, head.version - 1));
      this.advance(head);
      this.link.connection.publish(this.announced);
    } finally {
      const isLast = this.underWay?.version === head.version;
      const isFailed = this.head.version < head.version;
      if (this.underWay?.run === run && (isLast || isFailed)) this.underWay = null;
    }
  }

  /** Events from a version on, as they come; waits while the servers are away. */
  async *follow(version: number, stop: AbortSignal): AsyncGenerator<E> {
    let head = this.head.version === version ? this.head : BEGINNING;
    let news = new AbortController();
    const callback = () => news.abort();
    const subscription = this.link.connection.subscribe(this.announced, { callback });
    try {
      while (!stop.aborted) {
        news = new AbortController();
        try {
          for await (const { event, ...at } of this.read(head, await this.end(head.version))) {
            head = at;
            this.advance(at);
            if (at.version > version) yield event;
            if (stop.aborted) return;
          }
        } catch (error) {
          if (stop.aborted) return;
          if (!(error instanceof StoreError) || error.problem === 'damaged') throw error;
        }
        const signal = AbortSignal.any([news.signal, stop]);
        await pause(POLL_MS, undefined, { signal }).catch(() => {});
      }
    } finally {
      subscription.unsubscribe();
    }
  }

  /** One try; the second finds what the first, unanswered, may have left. */
  private async publish(manager: JetStreamManager, line: Buffer, version: number): Promise<void> {
    try {
      await this.send(manager, line, version);
      return;
    } catch (error) {
      if (codeOf(error) !== JetStreamApiCodes.StreamWrongLastSequence) throw error;
    }
    const found = await leader(manager, this.stream, { seq: version + 1 });
    if (found === null) {
      const { last, isCertain } = await lastSequence(manager, this.stream);
      // Replicas may still be agreeing about an earlier try.
      if (last === version) throw new NotYet(this.unsettled());
      this.lost(Math.min(last, version) + 1, isCertain);
    }
    const isOurs = found.header.get(WRITER) === this.writer && line.equals(found.data);
    if (!isOurs) throw this.conflict(version + 1, version);
  }

  private async send(manager: JetStreamManager, line: Uint8Array, version: number): Promise<void> {
    const named = headers();
    named.set(WRITER, this.writer);
    const expect = { streamName: this.stream, lastSequence: version };
    await manager.jetstream().publish(this.subject, line, { headers: named, expect });
  }

  /** How many events there are: not fewer than are known to be there. */
  private end(atLeast: number): Promise<number> {
    return this.link.attempt(async (manager) => {
      const { last, isCertain } = await lastSequence(manager, this.stream);
      if (last < atLeast) this.lost(last + 1, isCertain);
      return last;
    });
  }

  /** The events between two places. What one replica lacks, or has damaged, the leader may have. */
  private async *read(from: Head, end: number): AsyncGenerator<Head & { event: E }> {
    let at = from;
    while (at.version < end) {
      const first = at.version + 1;
      const batch = await this.link.attempt((manager) => batchFrom(manager, this.stream, first));
      for (const message of batch) {
        const record = at.version < end ? this.record(message, at) : null;
        if (record === null) break;
        at = record;
        yield record;
      }
      if (at.version >= first) continue;
      const query = { seq: first };
      const message = await this.link.attempt((manager) => leader(manager, this.stream, query));
      const record = message === null ? null : this.record(message, at);
      if (record === null) throw this.damaged(first);
      at = record;
      yield record;
    }
  }

  private record(message: StoredMsg, { version, sum }: Head): (Head & { event: E }) | null {
    const { data } = message;
    if (message.seq !== version + 1 || data.at(-1) !== 0x0a) return null;
    const record = readRecord<E>(data.subarray(0, -1), version + 1, sum);
    return record && { version: version + 1, ...record };
  }

  private advance({ version, sum }: Head): void {
    if (version > this.head.version) this.head = { version, sum };
  }

  private conflict(version: number, expected: number): StoreError {
    return this.link.error('conflict', `has version ${version}, not ${expected}: load it again`);
  }

  private unsettled(): StoreError {
    return this.link.error('away', 'the servers do not agree on the last event: load again');
  }

  private lost(event: number, isCertain: boolean): never {
    throw isCertain ? this.damaged(event) : new NotYet(this.damaged(event));
  }

  private damaged(event: number): StoreError {
    const what = `event ${event} of the stream ${this.stream} is lost or damaged`;
    const remedy = 'restore both streams from a backup, or give another prefix and start anew';
    return this.link.error('damaged', `${what}; ${remedy}`);
  }
}
