/**
 * The heat bath: one variable at a time is drawn from its Boltzmann distribution given all others
 * (Geman, Geman, "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of
 * images", IEEE Trans. PAMI 6, 1984). Costs of least squares are parabolas along a variable, so
 * the distribution is normal; a probe on each side of the point gives its mean and width.
 * Overrelaxation draws beyond the mean, with the spread that leaves the distribution as it is
 * (Adler, "Over-relaxation method for the Monte Carlo evaluation of the partition function for
 * multiquadratic actions", Phys. Rev. D 23, 1981). At temperature 0 this is the relaxation of
 * linear algebra, variable by variable.
 */
import type { Annealing, Sample, Tries } from './neighbourhood-sample.js';

/** A step changes by this factor at most from one sample to the next. */
const MOST_GROWTH = 4;
/** A probe that changes the cost by less than this part of it drowns in rounding. */
const LEAST_RISE = 1e-10;

export class HeatBath implements Tries {
  second = Number.NaN;
  /** Prices told of this sample. */
  private known = 0;
  private above = Number.NaN;
  private aboveValue = Number.NaN;
  private belowValue = Number.NaN;
  private drawn = Number.NaN;

  /** @param steps lengths of the next probes, by variable; written to */
  constructor(
    private readonly annealing: Annealing,
    private readonly steps: Float64Array,
    private readonly relaxation: number,
  ) {}

  /** The probe above; the second is the one below. At a bound both lie on the same side. */
  first({ variable: i, x }: Sample): number {
    const { lower, upper } = this.annealing.ranges;
    const above = Math.min(upper[i], x + this.steps[i]);
    const below = Math.max(lower[i], x - this.steps[i]);
    this.above = above === x ? 0.5 * (x + below) : above;
    this.second = below === x ? 0.5 * (x + above) : below;
    this.known = 0;
    return this.above;
  }

  /** After the probes the change, after the change no more. */
  next(sample: Sample, price: number): number {
    this.known++;
    if (this.known === 1) {
      this.aboveValue = price;
      return this.second;
    }
    if (this.known === 2) {
      this.belowValue = price;
      this.drawn = this.draw(sample);
      if (this.drawn !== sample.x) return this.drawn;
    } else if (sample.test(this.drawn, price)) {
      return Number.NaN;
    }
    this.fallBack(sample);
    return Number.NaN;
  }

  /** The value to change to, within bounds; sets the step of the next probes. */
  private draw(sample: Sample): number {
    const { ranges, kT } = this.annealing;
    const { steps, relaxation } = this;
    const { variable: i, x, value } = sample;
    const [g, h] = [this.above - x, this.second - x];
    const [u, v] = [(this.aboveValue - value) / g, (this.belowValue - value) / h];
    const curvature = (2 * (u - v)) / (g - h);
    const slope = u - 0.5 * curvature * g;
    let mean = slope > 0 ? -2 * steps[i] : 2 * steps[i];
    let [shift, noise, least] = [mean, 0, 0];
    if (curvature > 0) {
      mean = -slope / curvature;
      shift = relaxation * mean;
      least = Math.sqrt((2 * LEAST_RISE * Math.abs(value)) / curvature);
      const variance = (relaxation * (2 - relaxation) * kT) / curvature;
      if (kT > 0) noise = Math.sqrt(variance) * sample.noise();
    }
    const wanted = Math.max(Math.abs(mean), Math.abs(noise), least);
    const step = Math.max(steps[i] / MOST_GROWTH, Math.min(steps[i] * MOST_GROWTH, wanted));
    steps[i] = Math.min(ranges.width[i], step);
    return Math.max(ranges.lower[i], Math.min(ranges.upper[i], x + shift + noise));
  }

  /** Where no change is made, a probe may do. */
  private fallBack(sample: Sample): void {
    const isAbove = this.aboveValue <= this.belowValue;
    const [probe, price] = isAbove ? [this.above, this.aboveValue] : [this.second, this.belowValue];
    if (price < sample.value) sample.take(probe, price);
  }
}
