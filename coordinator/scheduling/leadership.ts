/**
 * Who leads. The log decides: its next event is written by whoever knows its version, so two cannot
 * lead it. Hails only tell a standby when to try, and a deposed leader that it is one.
 */
import { type ClusterEvent, JobBook } from '../jobs/index.js';
import type { Store } from '../store/index.js';
import { Dispatcher } from './dispatcher.js';
import type { DispatcherOptions } from './dispatcher-options.js';
import { Refusal } from './refusal.js';

/** How those who have one log open hear of its leader. */
export interface Presence {
  hail(term: number): void;
  onHail(listener: (term: number) => void): () => void;
}

export interface LeadershipOptions extends DispatcherOptions {
  /** Null: nobody else can have the store open. */
  readonly presence: Presence | null;
  /** A leader that is not heard of for so long is taken for dead. */
  readonly silentMs?: number;
  /** Ends the wait; null comes of it. */
  readonly signal: AbortSignal;
}

const SILENT_MS = 4_000;
const HAIL_MS = 1_000;

/** A coordinator's time as the leader. */
export interface Reign {
  readonly dispatcher: Dispatcher;
  /** Resolves when another coordinator leads. */
  readonly deposed: Promise<void>;
  /** No more hails. */
  end(): void;
}

/**
 * Stands by until nobody leads, and then leads.
 * @throws StoreError
 */
export async function lead(
  store: Store<ClusterEvent>,
  options: LeadershipOptions,
): Promise<Reign | null> {
  const { presence, signal, silentMs = SILENT_MS } = options;
  // Nobody leads an empty log; of another, whoever has not been heard of since this term began.
  let silentTerm = presence === null ? null : 0;
  for (;;) {
    const book = new JobBook(await store.load());
    const term = book.leader?.term ?? 0;
    if (silentTerm === null || term === silentTerm) {
      const dispatcher = await Dispatcher.lead(store, options, book).catch(quickerOne);
      if (dispatcher !== null) return reign(dispatcher, presence);
    }
    if (presence !== null && !signal.aborted) await silence(presence, silentMs, signal);
    if (signal.aborted) return null;
    silentTerm = term;
  }
}

/** Null where another standby was quicker. */
function quickerOne(error: unknown): null {
  if (error instanceof Refusal && error.code === 'not-leading') return null;
  throw error;
}

/** Resolves when no hail has come for so long. */
function silence(presence: Presence, silentMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const end = () => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(end, silentMs);
    };
    const stop = presence.onHail(wait);
    signal.addEventListener('abort', end);
    wait();
  });
}

function reign(dispatcher: Dispatcher, presence: Presence | null): Reign {
  const term = dispatcher.book.leader?.term ?? 0;
  const hail = () => presence?.hail(term);
  const timer = setInterval(hail, HAIL_MS);
  hail();
  const stop = presence?.onHail((other) => {
    if (other > term) dispatcher.depose();
  });
  const end = () => {
    clearInterval(timer);
    stop?.();
  };
  return { dispatcher, deposed: dispatcher.deposed.then(end), end };
}
