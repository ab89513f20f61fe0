/**
 * The heat bath: one variable at a time is drawn from its Boltzmann distribution given all others
 * (Geman, Geman, "Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of
 * images", IEEE Trans. PAMI 6, 1984). Costs of least squares are parabolas along a variable, so
 * the distribution is normal; a probe beside the point gives its mean, its width is remembered.
 * Overrelaxation draws beyond the mean, with the spread that leaves the distribution as it is
 * (Adler, "Over-relaxation method for the Monte Carlo evaluation of the partition function for
 * multiquadratic actions", Phys. Rev. D 23, 1981). At temperature 0 this is the relaxation of
 * linear algebra, variable by variable.
 */
import type { Annealing, Parabolas, Sample, Tries } from './neighbourhood-sample.js';

/** A step changes by this factor at most from one sample to the next. */
const MOST_GROWTH = 4;
/** A probe that changes the cost by less than this part of it drowns in rounding. */
const LEAST_RISE = 1e-10;
/** Probe and proposal that differ by less than this part say nothing of the curvature. */
const LEAST_DIFFERENCE = 0.05;

export class HeatBath implements Tries {
  private probe = Number.NaN;
  private probeValue = Number.NaN;
  private drawn = Number.NaN;

  constructor(
    private readonly annealing: Annealing,
    private readonly parabolas: Parabolas,
    private readonly relaxation: number,
  ) {}

  /** A probe. */
  first(sample: Sample): number {
    const { variable: i, x } = sample;
    const { lower, upper } = this.annealing.ranges;
    const step = this.parabolas.steps[i];
    const probe = probeOf(x, sample.proposal() < 0.5 ? -step : step, lower[i], upper[i]);
    this.drawn = Number.NaN;
    this.probe = probe === x ? Number.NaN : probe;
    return this.probe;
  }

  /** After the probe the change, after the change no more. */
  next(sample: Sample, price: number): number {
    if (!Number.isNaN(this.drawn)) {
      this.learn(sample, price);
      if (!sample.test(this.drawn, price)) this.fallBack(sample);
      return Number.NaN;
    }
    this.probeValue = price;
    const to = this.draw(sample);
    if (to === sample.x) {
      this.fallBack(sample);
      return Number.NaN;
    }
    this.drawn = to;
    return to;
  }

  /** The value to change to, within bounds; sets the step of the next probe. */
  private draw(sample: Sample): number {
    const { ranges, kT } = this.annealing;
    const { steps, curvatures } = this.parabolas;
    const { relaxation } = this;
    const { variable: i, x, value } = sample;
    const h = this.probe - x;
    const slope = (this.probeValue - value) / h;
    const curvature = curvatures[i];
    let mean = slope > 0 ? -2 * Math.abs(h) : 2 * Math.abs(h);
    let [shift, noise, least] = [mean, 0, 0];
    if (curvature > 0) {
      mean = 0.5 * h - slope / curvature;
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

  /** The curvature of the parabola through the old value, the probe and the change. */
  private learn({ variable: i, x, value }: Sample, price: number): void {
    const [h, p] = [this.probe - x, this.drawn - x];
    if (Math.abs(p - h) <= LEAST_DIFFERENCE * Math.max(Math.abs(p), Math.abs(h))) return;
    const bend = ((this.probeValue - value) / h - (price - value) / p) / (h - p);
    this.parabolas.curvatures[i] = Math.max(0, 2 * bend);
  }

  /** Where no change is made, the probe may do. */
  private fallBack(sample: Sample): void {
    if (this.probeValue < sample.value) sample.take(this.probe, this.probeValue);
  }
}

/** A point at a distance h, or on the other side, or at the farther bound. */
function probeOf(x: number, h: number, lower: number, upper: number): number {
  if (x + h >= lower && x + h <= upper) return x + h;
  if (x - h >= lower && x - h <= upper) return x - h;
  return upper - x > x - lower ? upper : lower;
}
