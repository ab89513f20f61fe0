/**
 * Who leads. The log decides: its next event is written by whoever knows its version, so two cannot
 * lead it. Hails only tell a standby when to try, and a deposed leader that it is one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type ClusterEvent, JobBook } from '../jobs/index.js';
import { isStoreProblem, type Store } from '../store/index.js';
import { Dispatcher } from './dispatcher.js';
import type { DispatcherOptions } from './dispatcher-options.js';
import type { DispatcherNote, Observer } from './notes.js';
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
const RETRY_MS = 1_000;

/** A coordinator's time as the leader. */
export interface Reign {
  readonly dispatcher: Dispatcher;
  /** Resolves when another coordinator leads. */
  readonly deposed: Promise<void>;
  /** No more hails. */
  end(): void;
}

/**
 * Stands by until nobody leads, and then leads; waits while the store is full or away.
 * @throws StoreError 'damaged', 'unwritable'
 */
export async function lead(
  store: Store<ClusterEvent>,
  options: LeadershipOptions,
): Promise<Reign | null> {
  const { presence, signal, silentMs = SILENT_MS } = options;
  const observe = pausesOnce(options.observe);
  // Nobody leads an empty log; of another, whoever has not been heard of since this term began.
  const unheard = presence === null ? null : 0;
  let silentTerm = unheard;
  let [isWritable, lastTerm] = [true, 0];
  for (;;) {
    let isRead = false;
    try {
      const book = new JobBook(await store.load());
      isRead = true;
      const term = book.leader?.term ?? 0;
      // What takes nothing can be read all the same; what another leader writes is taken.
      if (isWritable || term > lastTerm) observe({ type: 'resumed' });
      lastTerm = term;
      if (silentTerm === null || term === silentTerm) {
        const leading = Dispatcher.lead(store, { ...options, observe }, book);
        const dispatcher = await leading.catch(quickerOne);
        observe({ type: 'resumed' });
        if (dispatcher !== null) return reign(dispatcher, presence);
      }
      if (presence !== null && !signal.aborted) await silence(presence, silentMs, signal);
      silentTerm = term;
    } catch (error) {
      if (!isStoreProblem(error, 'full', 'away')) throw error;
      isWritable = !isRead;
      observe({ type: 'paused', problem: error.problem });
      await pause(RETRY_MS, undefined, { signal }).catch(() => {});
      // Where the store is away, so may be the hails of who leads.
      silentTerm = unheard;
    }
    if (signal.aborted) return null;
  }
}

/** Hands on that the store takes nothing, and that it does again, where it was not said before. */
function pausesOnce(observe: Observer<DispatcherNote> = () => {}): Observer<DispatcherNote> {
  let isPaused = false;
  return (note) => {
    const { type } = note;
    if (type === 'paused' || type === 'resumed') {
      if (isPaused === (type === 'paused')) return;
      isPaused = !isPaused;
    }
    observe(note);
  };
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
