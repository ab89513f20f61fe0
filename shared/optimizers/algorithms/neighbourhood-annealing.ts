/**
 * The annealing inside a generation: each point on its own tries so many changes of one variable
 * at the temperature. Kirkpatrick, Gelatt, Vecchi, "Optimization by simulated annealing", Science
 * 220 (1983).
 */
import { HeatBath } from './neighbourhood-heat-bath.js';
import type { PricedPoint } from './neighbourhood-moves.js';
import type { Neighbour } from './neighbourhood-point.js';
import { type Annealing, Sample, type Tries } from './neighbourhood-sample.js';
import { UniformTries } from './neighbourhood-uniform-tries.js';
import type { Best } from './optimizer.js';

export interface Annealed {
  readonly neighbour: Neighbour;
  /** The best point on the way if it was left again; null for none. */
  readonly passed: Best | null;
}

/**
 * Anneals one point. A price costs no more than a wait for it would, so none is waited for that is
 * there at once.
 * @param steps of each variable at this place; written to
 */
export async function annealed(
  annealing: Annealing,
  place: number,
  point: PricedPoint,
  steps: Float64Array,
): Promise<Annealed> {
  const { settings, samples, ranges } = annealing;
  const tries = triesOf(annealing, steps);
  const sample = new Sample(annealing, place);
  let passed: Best | null = null;
  let least = Math.min(annealing.bestValue, point.value);
  // The start is the caller's already.
  let isAtBest = false;
  for (let k = 0; k < samples; k++) {
    const i = sample.begin(k, settings.order);
    if (ranges.width[i] === 0) continue;
    const value = point.value;
    sample.at(point.x[i], value);
    let to = tries.first(sample);
    if (!Number.isNaN(tries.second)) point.expect(i, to, tries.second);
    while (!Number.isNaN(to)) {
      const price = point.price(i, to);
      to = tries.next(sample, typeof price === 'number' ? price : await price);
    }
    if (Number.isNaN(sample.to)) continue;
    if (isAtBest && sample.toValue > value) passed = { x: Float64Array.from(point.x), value };
    point.move(i, sample.to, sample.toValue);
    isAtBest = point.value < least || (isAtBest && point.value <= least);
    least = Math.min(least, point.value);
  }
  return { neighbour: point.neighbour(), passed };
}

function triesOf(annealing: Annealing, steps: Float64Array): Tries {
  const { move } = annealing.settings;
  switch (move.kind) {
    case 'heat-bath':
      return new HeatBath(annealing, steps, move.relaxation);
    case 'adaptive':
      return new UniformTries(annealing, steps, true);
    case 'uniform':
      return new UniformTries(
        annealing,
        annealing.ranges.width.map((width) => move.part * width),
        false,
      );
  }
}
