/** What commands that compute have in common: threads, phases with times, Ctrl+C. */
import { type Executor, threadExecutor } from '@isola/kernels/backends';
import { EXIT } from './exit-code.js';
import { type ProgressLine, progressLine } from './progress.js';

/** Seconds that each phase took. */
export type Timings = readonly { readonly phase: string; readonly seconds: number }[];

export interface Session {
  readonly executor: Executor;
  /**
   * Says what is going on, for the progress line and the times; another name ends the phase before.
   *
   * @param part how much of the phase is done, from 0 to 1
   */
  show(phase: string, part: number, detail?: string): void;
  /** Tells a user in one line what does not end the work. */
  warn(line: string): void;
  /** Of the phases that have ended. */
  readonly timings: Timings;
  /** Since the beginning. */
  seconds(): number;
  /** Aborted by Ctrl+C while `keepsWork`. */
  readonly signal: AbortSignal;
  /** Whether Ctrl+C lets the work end with what it has; else it ends the process at once. */
  keepsWork: boolean;
  /** What a user who ends the process should know; one line. */
  whenEnded: string;
}

/** Does `work` in a session, and clears up after it. A second Ctrl+C always ends the process. */
export async function inSession<T>(
  threads: number,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const progress = progressLine();
  const interrupt = new AbortController();
  const executor = threadExecutor(threads);
  const session = startSession(executor, progress, interrupt.signal);
  const onInterrupt = () => {
    if (session.keepsWork && !interrupt.signal.aborted) {
      interrupt.abort();
      return;
    }
    progress.stop();
    process.stderr.write(`isola: cancelled${session.whenEnded}\n`);
    process.exit(EXIT.cancelled);
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await work(session);
  } finally {
    progress.stop();
    process.removeListener('SIGINT', onInterrupt);
    await executor.close();
  }
}

function startSession(executor: Executor, progress: ProgressLine, signal: AbortSignal): Session {
  const startMs = performance.now();
  const timings: { phase: string; seconds: number }[] = [];
  let current = { phase: '', sinceMs: startMs };
  return {
    ...{ executor, timings, signal, keepsWork: false, whenEnded: '' },
    seconds: () => (performance.now() - startMs) / 1000,
    show: (phase, part, detail) => {
      progress.update(phase, part, detail);
      if (phase === current.phase) return;
      const nowMs = performance.now();
      const seconds = (nowMs - current.sinceMs) / 1000;
      if (current.phase !== '') timings.push({ phase: current.phase, seconds });
      current = { phase, sinceMs: nowMs };
    },
    warn: (line) => {
      progress.stop();
      process.stderr.write(`isola: ${line}\n`);
    },
  };
}
