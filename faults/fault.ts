/** A kind of harm, and how a cluster is judged that it is done to. */
export interface Fault {
  readonly number: number;
  readonly summary: string;
  /** How often it is done where nobody says. */
  readonly trials: number;
  run(trials: number, progress: (line: string) => void): Promise<FaultOutcome>;
}

/** More keys than these say what was seen. */
export interface FaultOutcome {
  readonly pass: boolean;
  readonly trials: number;
  readonly [detail: string]: unknown;
}
