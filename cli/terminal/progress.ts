import { SingleBar } from 'cli-progress';

/** Shows how far a long piece of work has come; silent where nobody watches. */
export interface ProgressLine {
  /**
   * @param phase what is going on, a few words
   * @param part how much of the phase is done, from 0 to 1
   * @param detail what else there is to know, such as the cost
   */
  update(phase: string, part: number, detail?: string): void;
  stop(): void;
}

/** What the line shows. */
export interface ProgressState {
  readonly phase: string;
  readonly part: number;
  readonly detail: string;
  /** How long the phase has lasted, and for how long `part` has been what it is. */
  readonly elapsedMs: number;
  readonly sinceMs: number;
}

const PHASE_COLUMNS = 16;
const BAR_COLUMNS = 20;
const LEFT_COLUMNS = 12;
/** Where the terminal does not say how wide it is. */
const DEFAULT_COLUMNS = 80;
/** Room for what the terminal writes for a Ctrl+C, which must not begin a new line. */
const ECHO_COLUMNS = 4;
/** Before that, an estimate of the time left is a guess. */
const EARLIEST_ESTIMATE_MS = 1000;

/** A progress line on stderr with the time left, where stderr is a terminal. */
export function progressLine(): ProgressLine {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  let state = { phase: '', part: 0, detail: '', startedMs: 0, updatedMs: 0 };
  const text = () => {
    const nowMs = performance.now();
    const { startedMs, updatedMs, ...rest } = state;
    const shown = { ...rest, elapsedMs: nowMs - startedMs, sinceMs: nowMs - updatedMs };
    return progressText(shown).slice(0, (process.stderr.columns ?? DEFAULT_COLUMNS) - ECHO_COLUMNS);
  };
  // `linewrap: true` leaves the terminal's modes alone; the line is cut to its width above.
  const bar = new SingleBar({
    ...{ format: text, stream: process.stderr, clearOnComplete: true, linewrap: true, fps: 8 },
  });
  let running = false;
  return {
    update: (phase, part, detail = '') => {
      const updatedMs = performance.now();
      const startedMs = phase === state.phase ? state.startedMs : updatedMs;
      state = { phase, part, detail, startedMs, updatedMs };
      if (!running) bar.start(1, part);
      else bar.update(part);
      running = true;
    },
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}

/** The line: columns of fixed width, so that nothing jumps; the detail last. */
export function progressText(state: ProgressState): string {
  const { phase, part, detail } = state;
  const filled = Math.floor(part * BAR_COLUMNS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const left = timeLeft(state).padEnd(LEFT_COLUMNS);
  return `${phase.padEnd(PHASE_COLUMNS)} ${bar} ${percent}  ${left} ${detail}`.trimEnd();
}

function timeLeft({ part, elapsedMs, sinceMs }: ProgressState): string {
  if (part <= 0 || elapsedMs < EARLIEST_ESTIMATE_MS) return '';
  const wholeMs = (elapsedMs - sinceMs) / part;
  const seconds = Math.max(1, Math.ceil((wholeMs - elapsedMs) / 1000));
  if (seconds < 60) return `${seconds} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min left` : `${Math.ceil(minutes / 60)} h left`;
}
