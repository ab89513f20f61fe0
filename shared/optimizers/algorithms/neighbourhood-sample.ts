/** What the annealing of a generation works with, and one try of it to change a variable. */
import type { RandomStream } from '@isola/kernels/random';
import type { Ranges } from '../variation/index.js';
import { isAccepted } from './neighbourhood-acceptance.js';
import type { NeighbourhoodSettings } from './neighbourhood-settings.js';

export interface Annealing {
  readonly settings: NeighbourhoodSettings;
  readonly ranges: Ranges;
  /** Temperature times k. */
  readonly kT: number;
  readonly random: RandomStream;
  readonly generation: number;
  /** Changes tried on each point. */
  readonly samples: number;
  /** Only what costs less is of interest as the best. */
  readonly bestValue: number;
}

/** A way to try: asks for prices of values of the variable until it takes one, or none. */
export interface Tries {
  /** The first value to be priced; NaN for none. */
  first(sample: Sample): number;
  /** The one after it, where it does not depend on the first one's price; else NaN. */
  readonly second: number;
  /** Told its price: the next value to be priced, or NaN for no more. */
  next(sample: Sample, price: number): number;
}

/** Draws of a sample. */
const [VARIABLE, PROPOSAL, NOISE, ACCEPTANCE] = [0, 1, 2, 3];
const DRAWS = 4;
/** Draws of a sweep. */
const [FIRST, STRIDE] = [0, 1];

/** One object for all samples of a point, as each lives a microsecond. */
export class Sample {
  /** The variable, its value and the cost of the point. */
  variable = 0;
  x = 0;
  value = 0;
  /** What the variable shall be changed to, NaN for no change, and the cost of that. */
  to = Number.NaN;
  toValue = Number.NaN;
  private draw = 0;
  private sweep = -1;
  private first = 0;
  private stride = 1;

  constructor(
    private readonly annealing: Annealing,
    private readonly place: number,
  ) {}

  /** Returns the variable of the sample. */
  begin(k: number, order: 'in-turn' | 'strides' | 'random'): number {
    const { ranges, random, generation, samples } = this.annealing;
    const size = ranges.width.length;
    this.draw = DRAWS * k;
    this.to = Number.NaN;
    if (order === 'random') {
      this.variable = random.integer(size, 0, generation, this.place, this.draw + VARIABLE);
    } else {
      const turn = (generation * samples + k) % size;
      if (order === 'strides') this.enterSweep((generation * samples + k - turn) / size);
      this.variable = (this.first + this.stride * turn) % size;
    }
    return this.variable;
  }

  /** Draws with which variable a sweep begins and how far apart, in a ring, one is to the next. */
  private enterSweep(sweep: number): void {
    if (sweep === this.sweep) return;
    const { ranges, random } = this.annealing;
    const size = ranges.width.length;
    this.sweep = sweep;
    this.first = random.integer(size, 1, sweep, this.place, FIRST);
    this.stride = 1 + random.integer(size, 1, sweep, this.place, STRIDE);
    // With no divisor in common every variable has its turn.
    while (greatestDivisor(this.stride, size) > 1) this.stride++;
  }

  at(x: number, value: number): void {
    this.x = x;
    this.value = value;
  }

  /** A draw in [0, 1) to propose with. */
  proposal(): number {
    const { random, generation } = this.annealing;
    return random.uniform(0, generation, this.place, this.draw + PROPOSAL);
  }

  /** A normal draw to propose with. */
  noise(): number {
    const { random, generation } = this.annealing;
    return random.normal(0, generation, this.place, this.draw + NOISE);
  }

  /** Takes the change if it passes the test at the temperature. */
  test(to: number, value: number): boolean {
    const { random, generation, kT } = this.annealing;
    const rise = value - this.value;
    // Most tests need no draw.
    const u = rise > 0 ? random.uniform(0, generation, this.place, this.draw + ACCEPTANCE) : 0;
    const isTaken = isAccepted(rise, kT, u);
    if (isTaken) this.take(to, value);
    return isTaken;
  }

  take(to: number, value: number): void {
    this.to = to;
    this.toValue = value;
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
