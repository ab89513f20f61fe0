import type { Annealing, Sample, Tries } from './neighbourhood-sample.js';

/** Adapted steps grow by this where a proposal is accepted, and shrink so that 44 % are. */
const GROWTH = 1.5;
const SHRINKAGE = 0.7272;

/** A value drawn evenly within a step of the old one; what would leave the bounds ends at them. */
export class UniformTries implements Tries {
  readonly second = Number.NaN;
  private proposed = Number.NaN;

  /** @param steps by variable; written to where they are adapted */
  constructor(
    private readonly annealing: Annealing,
    private readonly steps: Float64Array,
    private readonly isAdapted: boolean,
  ) {}

  first(sample: Sample): number {
    const { variable: i, x } = sample;
    const { lower, upper } = this.annealing.ranges;
    const to = x + (2 * sample.proposal() - 1) * this.steps[i];
    const inside = Math.max(lower[i], Math.min(upper[i], to));
    this.proposed = inside === x ? Number.NaN : inside;
    return this.proposed;
  }

  next(sample: Sample, price: number): number {
    const isTaken = sample.test(this.proposed, price);
    const { variable: i } = sample;
    if (this.isAdapted) {
      const step = this.steps[i] * (isTaken ? GROWTH : SHRINKAGE);
      this.steps[i] = Math.min(this.annealing.ranges.width[i], step);
    }
    return Number.NaN;
  }
}
