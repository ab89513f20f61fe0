import type { CellResult } from './cell.js';

/** A cell that holds the best plan of a run. */
export interface BestCell<S> {
  readonly island: number;
  readonly epoch: number;
  readonly value: number;
  readonly state: S;
}

/**
 * Which cells are done, and what follows from it. An epoch is sealed when all its cells are done;
 * all decisions rest on sealed epochs, so they do not depend on who was faster.
 */
export class Ledger<S> {
  /** The best of all sealed epochs; of equal ones the earliest, then the lowest island. */
  best: BestCell<S> | null = null;
  /** The best cost after each sealed epoch. */
  readonly trace: number[] = [];
  /** Costs computed in sealed epochs. */
  evaluations = 0;
  /** The islands after the last sealed epoch, once there is one. */
  states: readonly S[] = [];
  /** Results by epoch, then island; given up once sealed. */
  private readonly open = new Map<number, CellResult<S, unknown>[]>();

  constructor(
    private readonly islands: number,
    private readonly epochs: number,
    private readonly targetValue: number,
  ) {}

  /** Nothing is left to do: the last epoch is sealed, or a sealed one reaches the target. */
  get status(): 'running' | 'converged' | 'budget-spent' {
    if (this.best !== null && this.best.value <= this.targetValue) return 'converged';
    return this.trace.length === this.epochs ? 'budget-spent' : 'running';
  }

  /** Takes a result in, and seals what became complete. */
  accept(island: number, epoch: number, result: CellResult<S, unknown>): void {
    if (!Number.isFinite(result.statistics.value)) {
      throw new Error(`island ${island}, epoch ${epoch}: value ${result.statistics.value}`);
    }
    const results = this.open.get(epoch) ?? [];
    results[island] = result;
    this.open.set(epoch, results);
    while (this.status === 'running' && this.isComplete(this.trace.length)) this.seal();
  }

  private isComplete(epoch: number): boolean {
    const results = this.open.get(epoch) ?? [];
    for (let i = 0; i < this.islands; i++) if (results[i] === undefined) return false;
    return true;
  }

  private seal(): void {
    const epoch = this.trace.length;
    const results = this.open.get(epoch) ?? [];
    this.open.delete(epoch);
    results.forEach(({ state, statistics: { value, evaluations } }, island) => {
      this.evaluations += evaluations;
      if (this.best === null || value < this.best.value) {
        this.best = { island, epoch, value, state };
      }
    });
    this.states = results.map(({ state }) => state);
    this.trace.push(this.best?.value ?? Number.NaN);
  }
}
