/**
 * A store on NATS servers, for a whole cluster: two streams, in which nothing is acknowledged
 * before it is on disk.
 *
 *     PREFIX-events    one message an event, fenced by the number of the last (jetstream-log.ts)
 *     PREFIX-blobs     content by its hash, in parts (jetstream-blobs.ts)
 *
 * Whether servers sync what they acknowledge, only their monitors tell: checkNatsServers.
 */
import { NATS_PREFIX } from '@isola/cluster/runtime';
import { type BlobId, type Store, StoreError } from '../store/index.js';
import { JetStreamBlobs } from './jetstream-blobs.js';
import { JetStreamLink, type JetStreamPlace } from './jetstream-link.js';
import { JetStreamLog } from './jetstream-log.js';

export type { JetStreamPlace } from './jetstream-link.js';

/** A store that several coordinators have open, of whom one leads. */
export interface JetStreamStore<E> extends Store<E> {
  /**
   * Events behind the first `version` ones, as they come, whoever appends them: for who stands by,
   * and for who was deposed. Ends with the signal and when the store closes; waits while the
   * servers are away.
   * @throws StoreError 'damaged'
   */
  follow(version: number, signal?: AbortSignal): AsyncIterable<E>;
  /** Says to all who have the log open that its leader lives; nothing is kept of it. */
  hail(term: number): void;
  /** Calls `listener` with the term of every hail, also our own, until the result is called. */
  onHail(listener: (term: number) => void): () => void;
}

/**
 * Opens a cluster's log; makes its streams where they are not there.
 * @throws StoreError 'full', 'unwritable', 'away'
 */
export async function jetStreamStore<E>(place: JetStreamPlace): Promise<JetStreamStore<E>> {
  const { prefix = NATS_PREFIX, replicas = 1 } = place;
  if (!/^[A-Za-z0-9_-]+$/.test(prefix)) {
    throw new StoreError('unwritable', `"${prefix}": a prefix has letters, digits, "-" and "_"`);
  }
  const link = await JetStreamLink.open(place);
  try {
    const log = await JetStreamLog.open<E>(link, prefix, replicas);
    const blobs = await JetStreamBlobs.open(link, prefix, replicas);
    return new OpenStore(link, log, blobs, `${prefix}.alive`);
  } catch (error) {
    await link.close();
    throw error;
  }
}

class OpenStore<E> implements JetStreamStore<E> {
  /** Ends when all that was asked of the log has been begun: one thing at a time, in order. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly begun = new Set<Promise<unknown>>();
  private readonly closed = new AbortController();

  constructor(
    private readonly link: JetStreamLink,
    private readonly log: JetStreamLog<E>,
    private readonly blobs: JetStreamBlobs,
    private readonly aliveSubject: string,
  ) {}

  async load(): Promise<readonly E[]> {
    return this.inTurn(async () => this.log.all(await this.blobs.witnessedVersion()));
  }

  async append(event: E, expectedVersion: number): Promise<void> {
    return this.begin(async () => {
      const { kept } = await this.inTurn(() => this.log.begin(event, expectedVersion));
      return kept;
    });
  }

  async putBlob(bytes: Uint8Array): Promise<BlobId> {
    return this.begin(() => this.blobs.put(bytes, this.log.version));
  }

  async getBlob(id: BlobId): Promise<Uint8Array> {
    return this.begin(() => this.blobs.get(id));
  }

  async hasBlob(id: BlobId): Promise<boolean> {
    return this.begin(() => this.blobs.has(id));
  }

  follow(version: number, signal?: AbortSignal): AsyncIterable<E> {
    this.checkOpen();
    const stops = signal === undefined ? [this.closed.signal] : [this.closed.signal, signal];
    return this.log.follow(version, AbortSignal.any(stops));
  }

  hail(term: number): void {
    this.checkOpen();
    this.link.connection.publish(this.aliveSubject, String(term));
  }

  onHail(listener: (term: number) => void): () => void {
    this.checkOpen();
    const { connection } = this.link;
    const subscription = connection.subscribe(this.aliveSubject, {
      callback: (_, message) => listener(Number(message.string())),
    });
    return () => subscription.unsubscribe();
  }

  async close(): Promise<void> {
    if (this.closed.signal.aborted) return;
    this.closed.abort();
    await Promise.allSettled(this.begun);
    await this.link.close();
  }

  private checkOpen(): void {
    if (this.closed.signal.aborted) throw this.link.error('closed', 'this store is closed');
  }

  private async inTurn<T>(action: () => Promise<T>): Promise<T> {
    this.checkOpen();
    const done = this.queue.then(() => action());
    this.queue = done.catch(() => {});
    return this.begin(() => done);
  }

  private async begin<T>(action: () => Promise<T>): Promise<T> {
    this.checkOpen();
    const done = action();
    this.begun.add(done);
    try {
      return await done;
    } finally {
      this.begun.delete(done);
    }
  }
}
