import { STALL_WINDOW } from '@isola/optimizers/algorithms';

/**
 * How far an optimisation has come, from 0 to 1, as a reader of a progress line wants to know. It
 * ends when `STALL_WINDOW` iterations lower the cost by no more than `tolerance` times it, or at
 * the limit of iterations. What they lower it by falls about evenly on a logarithmic scale, so the
 * part of that way that is behind us is the estimate.
 */
export class Convergence {
  #reached = 0;
  readonly #costs: number[] = [];

  constructor(
    readonly tolerance: number,
    readonly maxIterations: number,
  ) {}

  /** Takes the cost after an iteration (0: the start); gives the part done, which never falls. */
  part(iteration: number, cost: number): number {
    this.#costs.push(cost);
    // Nothing is said before a window is full: the first steps feel their way and may be short.
    const before = this.#costs[this.#costs.length - 1 - STALL_WINDOW] ?? Number.NaN;
    const lowered = (before - cost) / Math.abs(cost);
    const way = lowered > 0 && lowered < 1 ? Math.log(lowered) / Math.log(this.tolerance) : 0;
    this.#reached = Math.max(this.#reached, way, iteration / this.maxIterations);
    return Math.min(1, this.#reached);
  }
}
