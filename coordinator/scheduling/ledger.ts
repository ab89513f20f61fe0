/**
 * The book of jobs in step with the store: an event is written down before it counts. Where the
 * store has another version than this book, another coordinator leads: nothing more is written.
 */
import type { ClusterEvent, JobBook, JobId } from '../jobs/index.js';
import { isStoreProblem, PAUSING, type Store } from '../store/index.js';
import type { DispatcherNote, Observer } from './notes.js';
import { Refusal } from './refusal.js';

export interface LedgerListeners {
  readonly observe: Observer<DispatcherNote>;
  readonly onChanged: (job: JobId) => void;
  /** Another coordinator leads, or this one is closed. */
  readonly onLetGo: () => void;
}

export class Ledger {
  /** Why nothing is accepted at the moment; null where all is well. */
  paused: string | null = null;
  /** Another coordinator leads, or this one is closed: nothing more is done here. */
  isDeposed = false;
  /** Resolves with that. */
  readonly deposed: Promise<void>;
  private onDeposed: () => void = () => {};
  /** Ends when all that was asked for has been done. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly store: Store<ClusterEvent>,
    readonly book: JobBook,
    private readonly listeners: LedgerListeners,
  ) {
    this.deposed = new Promise((resolve) => {
      this.onDeposed = resolve;
    });
  }

  /** Does something when all before it is done. */
  inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.queue.then(async () => {
      this.checkLeads();
      return action();
    });
    this.queue = done.catch(() => {});
    return done;
  }

  /**
   * Writes events down, one after the other. Where one is not kept, none behind it is; those before
   * it count.
   * @throws Refusal 'not-leading'; StoreError
   */
  async append(events: readonly ClusterEvent[]): Promise<void> {
    this.checkLeads();
    const { version } = this.book;
    const outcomes = await Promise.allSettled(
      events.map((event, i) => this.store.append(event, version + i)),
    );
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') throw this.refusal(outcome.reason);
      this.apply(events[i]);
    }
  }

  /** Nothing is accepted any more until `resume`, if the store says so; whether it does. */
  pauses(error: unknown): boolean {
    if (!isStoreProblem(error, ...PAUSING)) return false;
    if (this.paused === null) this.listeners.observe({ type: 'paused', problem: error.problem });
    this.paused = error.message;
    return true;
  }

  /** Whether the store takes something again, after it was full or away. */
  async resume(nowMs: number): Promise<boolean> {
    // What is there already would take no room.
    const probe = new TextEncoder().encode(`is there room at ${nowMs}?`);
    const isTaken = (await this.store.putBlob(probe).catch(() => null)) !== null;
    if (!isTaken) return false;
    this.paused = null;
    this.listeners.observe({ type: 'resumed' });
    return true;
  }

  /** Another coordinator leads. */
  depose(): void {
    if (!this.isDeposed) this.listeners.observe({ type: 'deposed' });
    this.letGo();
  }

  /** Writes no more, and waits for what is being written. */
  async close(): Promise<void> {
    this.letGo();
    await this.queue;
  }

  private letGo(): void {
    this.isDeposed = true;
    this.listeners.onLetGo();
    this.onDeposed();
  }

  private checkLeads(): void {
    if (this.isDeposed) throw new Refusal('not-leading', 'another coordinator leads');
  }

  private apply(event: ClusterEvent): void {
    this.book.apply(event);
    this.listeners.observe({ type: 'written', event });
    if (event.type !== 'LeaderElected') this.listeners.onChanged(event.job);
  }

  private refusal(error: unknown): unknown {
    // Who leads next reads a damaged log, and says what is to be done.
    if (isStoreProblem(error, 'conflict', 'damaged')) {
      this.depose();
      return new Refusal('not-leading', 'another coordinator leads');
    }
    this.pauses(error);
    return error;
  }
}
