/**
 * What annealing walks on: one point, of which one variable at a time may change, and what a change
 * would cost. A problem that prices changes of one variable is asked for those; any other for the
 * cost of the whole changed point.
 */
import type { CoordinateMoves, Problem } from '../problem/index.js';
import type { Best } from './optimizer.js';

export interface Walk {
  /** The point as it stands; not to be written to. */
  readonly x: Float64Array;
  /** Its cost. */
  readonly value: number;
  /** Cost if x[index] became `to`; the point stays as it is. */
  price(index: number, to: number): number | Promise<number>;
  /** Makes x[index] = to, which was just priced at `value`. */
  move(index: number, to: number, value: number): void;
}

/** A walk that begins at a point; its arrays are its own. */
export async function walkFrom(problem: Problem, { x, value }: Best): Promise<Walk> {
  const { coordinateMoves } = problem;
  return coordinateMoves ? imageWalk(coordinateMoves, x) : pointWalk(problem, x, value);
}

/** Every price is an evaluation. */
function pointWalk(problem: Problem, start: Float64Array, value: number): Walk {
  const x = Float64Array.from(start);
  const trial = Float64Array.from(start);
  let current = value;
  return {
    x,
    get value() {
      return current;
    },
    async price(index, to) {
      trial[index] = to;
      const priced = await problem.value(trial);
      trial[index] = x[index];
      return priced;
    },
    move(index, to, priced) {
      x[index] = to;
      trial[index] = to;
      current = priced;
    },
  };
}

/** One evaluation gives the image that the prices of this walk start from. */
async function imageWalk(moves: CoordinateMoves, start: Float64Array): Promise<Walk> {
  const x = Float64Array.from(start);
  const image = moves.newImage();
  await moves.images([x], [image], new Float64Array(1));
  const point = moves.movingPoint();
  point.load(x, image);
  return {
    x,
    get value() {
      return point.value;
    },
    price: (index, to) => point.coordinateChange(index, to),
    move(index, to) {
      point.move(index, to);
      x[index] = to;
    },
  };
}
