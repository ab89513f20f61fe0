import type { Violation } from '../checkers/index.js';

export interface SimulationReport {
  readonly seed: number;
  /** The first ones of each law. */
  readonly violations: readonly Violation[];
  /** Names all that happened, in its order. */
  readonly traceHash: string;
  readonly steps: number;
  readonly virtualMs: number;
  readonly jobs: number;
  readonly cells: number;
  /** Results that were told wrongly; those that were found out; and jobs that ended with one. */
  readonly lies: { readonly told: number; readonly found: number; readonly kept: number };
}
