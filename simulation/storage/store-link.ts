import { type Store, StoreError } from '@isola/coordinator/store';
import type { Network } from '../network/index.js';
import type { Process } from '../time/index.js';
import type { LogServer } from './log-server.js';

const TIMEOUT_MS = 2_000;

/** Told of an event that the store has acknowledged to a coordinator. */
export type AcknowledgeListener = (text: string, version: number) => void;

/**
 * The shared log as one coordinator sees it. Where no answer comes, what was asked for may have
 * been done, or may be done yet.
 */
export class StoreLink<E> implements Store<E> {
  private readonly pending = new Set<Promise<unknown>>();
  private isClosed = false;
  /** Of the event that was sent last: appends arrive in their order, as on one connection. */
  private sent: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly own: Process,
    private readonly network: Network,
    private readonly server: LogServer,
    private readonly onAcknowledged: AcknowledgeListener = () => {},
  ) {}

  async load(): Promise<readonly E[]> {
    const texts = await this.ask(async (server) => [...server.events]);
    return texts.map((text) => JSON.parse(text) as E);
  }

  async append(event: E, expectedVersion: number): Promise<void> {
    this.checkOpen();
    const text = JSON.stringify(event);
    const kept = this.track(
      this.sent.then(() => this.call((to) => to.append(text, expectedVersion))),
    );
    this.sent = kept;
    // What is begun after a failure was told of is a new beginning.
    kept.catch(() => {
      if (this.sent === kept) this.sent = Promise.resolve();
    });
    await kept;
    this.onAcknowledged(text, expectedVersion + 1);
  }

  putBlob(bytes: Uint8Array): Promise<string> {
    const sent = bytes.slice();
    return this.ask((server) => server.putBlob(sent));
  }

  getBlob(id: string): Promise<Uint8Array> {
    return this.ask((server) => server.getBlob(id));
  }

  hasBlob(id: string): Promise<boolean> {
    return this.ask(async (server) => server.has(id));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.pending);
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StoreError('closed', 'this store is closed');
  }

  private async ask<T>(serve: (server: LogServer) => Promise<T>): Promise<T> {
    this.checkOpen();
    return this.track(this.call(serve));
  }

  private async call<T>(serve: (server: LogServer) => Promise<T>): Promise<T> {
    try {
      return await this.network.call(this.own, this.server, TIMEOUT_MS, serve);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError('away', 'the store does not answer');
    }
  }

  private async track<T>(asked: Promise<T>): Promise<T> {
    this.pending.add(asked);
    try {
      return await asked;
    } finally {
      this.pending.delete(asked);
    }
  }
}
