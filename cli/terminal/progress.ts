import { SingleBar } from 'cli-progress';

/** Shows how far a long piece of work has come; silent where nobody watches. */
export interface ProgressLine {
  /** `text` says what is going on; done of total pieces. */
  update(text: string, done: number, total: number): void;
  stop(): void;
}

/** A progress line on stderr with the time left, where stderr is a terminal. */
export function progressLine(): ProgressLine {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: '{text} {bar} {percentage}% {left}',
    stream: process.stderr,
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
    fps: 8,
  });
  let running = false;
  let phase = '';
  let startedMs = 0;
  return {
    update: (text, done, total) => {
      const key = text.split(' ')[0];
      if (key !== phase) {
        phase = key;
        startedMs = performance.now();
      }
      const payload = { text: text.padEnd(46), left: timeLeft(performance.now() - startedMs, done, total) };
      if (!running) bar.start(total, done, payload);
      else {
        bar.setTotal(total);
        bar.update(done, payload);
      }
      running = true;
    },
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}

function timeLeft(elapsedMs: number, done: number, total: number): string {
  if (done <= 0 || elapsedMs < 500) return '';
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}
