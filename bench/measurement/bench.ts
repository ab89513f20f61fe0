/** Numbers and words that a measurement gave; units last in the names (`minMs`, `gbPerS`). */
export type Figures = Readonly<Record<string, number | string | null>>;

export interface BenchOptions {
  /** The sizes that published figures are measured at; else sizes that end within a minute. */
  readonly isFull: boolean;
  /** Whether the page that a bench makes is written. */
  readonly writesPage: boolean;
  /** The most threads to measure with: one a core. */
  readonly threads: number;
  /** The data folder; it may not exist. */
  readonly dataFolder: string;
}

/** Where figures go. */
export interface Records {
  /** One case. What `measure` throws is kept as a failure, and the bench goes on. */
  add(name: string, measure: () => Figures | Promise<Figures>): Promise<void>;
  /** A case that this machine cannot measure. */
  leaveOut(name: string, reason: string): void;
}

/** What `npm run bench -- NAME` runs. */
export interface Bench {
  readonly name: string;
  /** What is measured, on one line. */
  readonly summary: string;
  run(options: BenchOptions, records: Records): Promise<void>;
}
