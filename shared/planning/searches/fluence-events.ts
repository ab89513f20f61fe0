import type { Progress } from '@isola/optimizers/algorithms';

export type FluencePhase = 'beam data' | 'dose influence' | 'optimisation' | 'final dose';

export interface FluenceEvents {
  /** Called at the start of a phase and as its pieces are done. */
  onPhase?(phase: FluencePhase, done: number, total: number): void;
  /** Waited for before the next iteration. */
  onIteration?(progress: Progress): void | Promise<void>;
  readonly signal?: { readonly aborted: boolean };
}
