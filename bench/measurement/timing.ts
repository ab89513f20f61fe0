import { median } from './median.js';

/** Wall times of one piece of work, done several times. */
export interface Timing {
  readonly minMs: number;
  readonly medianMs: number;
}

export interface Repeats {
  /** Runs that are not measured: compilers and caches get ready. */
  readonly warmUps: number;
  readonly measured: number;
}

export const SHORT_WORK: Repeats = { warmUps: 3, measured: 11 };

/**
 * Times `work`.
 * @param work gives a number made of its results, so that none of them goes unused
 */
export async function timed(
  work: () => number | Promise<number>,
  { warmUps, measured }: Repeats = SHORT_WORK,
): Promise<Timing> {
  let sink = 0;
  for (let i = 0; i < warmUps; i++) sink += await work();
  const times: number[] = [];
  for (let i = 0; i < measured; i++) {
    const startMs = performance.now();
    sink += await work();
    times.push(performance.now() - startMs);
  }
  if (!Number.isFinite(sink)) throw new Error(`the measured work gave ${sink}`);
  return timingOf(times);
}

/** Minimum and median of some times. */
export function timingOf(timesMs: readonly number[]): Timing {
  return { minMs: Math.min(...timesMs), medianMs: median(timesMs) };
}
