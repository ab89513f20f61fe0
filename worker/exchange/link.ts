/** The way to other workers: messages over core NATS. Any may be lost, doubled, or late. */
import { createHash, randomInt } from 'node:crypto';
import { fromBytes, toBytes } from '@isola/optimizers/islands';
import {
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  type Subscription,
} from '@nats-io/transport-node';
import type { WorkerNote } from '../session/index.js';
import { type ExchangeMessage, exchangeMessage, type Peer } from './messages.js';
import { MessageParts } from './parts.js';

type Hear = (message: ExchangeMessage) => void;

/** Once closed it says and hears nothing: who has it goes on as one who is alone. */
export interface ExchangeLink {
  publish(subject: string, message: ExchangeMessage): void;
  /** Returns how to end it. */
  subscribe(subject: string, hear: Hear): () => void;
  close(): Promise<void>;
}

export interface LinkPlace {
  readonly connection: NodeConnectionOptions;
  /** Begins all subjects. */
  readonly prefix: string;
  /** Told of what goes out and comes in; must not throw. */
  readonly observe?: (note: ExchangeNote) => void;
}

/** Bytes that are no message were changed on their way, or are not ours. */
export type ExchangeNote = Extract<WorkerNote, { type: 'exchanged' | 'corrupted' }>;

const MOST_SENDERS = 2 ** 32;

/** @throws Error where no server answers */
export async function natsLink(place: LinkPlace): Promise<ExchangeLink> {
  const connection = await connect(place.connection);
  return new NatsLink(connection, place);
}

/** A worker's name, or another one, as subjects can hold it. */
export function peerOf(name: string): Peer {
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

/** Those who listen to a subject: several may, though each part of a message comes once. */
interface Subject {
  readonly listeners: Set<Hear>;
  readonly subscription: Subscription;
}

class NatsLink implements ExchangeLink {
  private readonly subjects = new Map<string, Subject>();
  private readonly parts = new MessageParts(randomInt(MOST_SENDERS));

  constructor(
    private readonly connection: NatsConnection,
    private readonly place: LinkPlace,
  ) {}

  publish(subject: string, message: ExchangeMessage): void {
    if (this.connection.isClosed()) return;
    for (const part of this.parts.split(toBytes(message))) {
      this.connection.publish(`${this.place.prefix}.${subject}`, part);
      this.place.observe?.({ type: 'exchanged', direction: 'out', bytes: part.length });
    }
  }

  subscribe(name: string, hear: Hear): () => void {
    if (this.connection.isClosed()) return () => {};
    const subject = this.subjects.get(name) ?? this.listenTo(name);
    // One who listens twice hears twice, and ends each by itself.
    const own: Hear = (message) => hear(message);
    subject.listeners.add(own);
    return () => {
      subject.listeners.delete(own);
      if (subject.listeners.size > 0 || this.subjects.get(name) !== subject) return;
      subject.subscription.unsubscribe();
      this.subjects.delete(name);
    };
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private listenTo(name: string): Subject {
    const listeners = new Set<Hear>();
    const subscription = this.connection.subscribe(`${this.place.prefix}.${name}`, {
      callback: (error, { data }) => {
        if (error !== null) return;
        this.place.observe?.({ type: 'exchanged', direction: 'in', bytes: data.length });
        const message = this.read(this.parts.join(data));
        if (message !== null) for (const hear of [...listeners]) hear(message);
      },
    });
    const subject = { listeners, subscription };
    this.subjects.set(name, subject);
    return subject;
  }

  private read(bytes: Uint8Array | 'damaged' | null): ExchangeMessage | null {
    if (bytes === null) return null;
    try {
      if (bytes !== 'damaged') return exchangeMessage.parse(fromBytes(bytes, 'a message'));
    } catch {
      // Whole, but none of ours.
    }
    this.place.observe?.({ type: 'corrupted' });
    return null;
  }
}
