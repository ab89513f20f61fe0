/** A fault of the lab: what is done, how often, and what must hold after it. */
export interface Fault {
  readonly number: number;
  /** What is done, a few words. */
  readonly title: string;
  /** How often it is done where nobody says otherwise. */
  readonly trials: number;
  run(trials: number): Promise<Figures>;
}

/** What was seen; numbers under names that say what they count. */
export interface Figures {
  readonly pass: boolean;
  readonly trials: number;
  readonly [name: string]: boolean | number | string | null;
}

/** The largest of some times; 0 of none. */
export function longest(timesMs: readonly number[]): number {
  return Math.round(Math.max(0, ...timesMs));
}
