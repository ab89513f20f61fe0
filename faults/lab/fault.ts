/** A kind of harm, and how a cluster is judged that it is done to. */
export interface Fault {
  readonly number: number;
  readonly summary: string;
  /** How often it is done where nobody says. */
  readonly trials: number;
  /** Why it cannot be done on this machine; empty where it can. */
  readonly lacking?: () => string;
  run(trials: number, progress: (line: string) => void): Promise<FaultOutcome>;
}

/** More keys than these say what was seen. */
export interface FaultOutcome {
  /** Whether it is kept, and soon enough for a machine that does nothing else. */
  readonly pass: boolean;
  /** Whether what must hold held, on a machine of any speed. */
  readonly isKept: boolean;
  readonly trials: number;
  readonly [detail: string]: unknown;
}

/** The largest of some times, in whole milliseconds; 0 of none. */
export function longest(timesMs: readonly number[]): number {
  return Math.round(Math.max(0, ...timesMs));
}
