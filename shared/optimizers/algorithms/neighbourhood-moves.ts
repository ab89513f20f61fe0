import type { CoordinateMoves, MovingPoint, Problem } from '../problem/index.js';
import type { Neighbour } from './neighbourhood-point.js';

/** A point of which one variable changes at a time, whatever the problem offers for that. */
export interface PricedPoint {
  /** The point; changed by `move` only. */
  readonly x: Float64Array;
  /** Its cost. */
  readonly value: number;
  /** Says which two values of a variable are to be priced next. */
  expect(index: number, one: number, other: number): void;
  /** Cost if x[index] became `to`; a promise where that takes a whole evaluation. */
  price(index: number, to: number): number | Promise<number>;
  /** Makes x[index] = to, which costs `value`. */
  move(index: number, to: number, value: number): void;
  /** The point as it is now, with its cost. */
  neighbour(): Neighbour;
}

/** Gives points up for moves, one after the other: who takes the next has done with the last. */
export function pointMover(problem: Problem): (from: Neighbour) => PricedPoint {
  const { coordinateMoves } = problem;
  if (!coordinateMoves) return (from) => evaluatedPoint(problem, from);
  const moving = coordinateMoves.movingPoint();
  return (from) => movedPoint(coordinateMoves, moving, from);
}

function evaluatedPoint(problem: Problem, from: Neighbour): PricedPoint {
  const x = Float64Array.from(from.x);
  let { value } = from;
  return {
    x,
    get value() {
      return value;
    },
    expect() {},
    price(index, to) {
      const candidate = Float64Array.from(x);
      candidate[index] = to;
      return problem.value(candidate);
    },
    move(index, to, newValue) {
      x[index] = to;
      value = newValue;
    },
    neighbour: () => ({ x: Float64Array.from(x), value, image: null }),
  };
}

function movedPoint(moves: CoordinateMoves, moving: MovingPoint, from: Neighbour): PricedPoint {
  if (from.image === null) throw new Error('a point has no image though the problem offers images');
  const x = Float64Array.from(from.x);
  moving.load(x, from.image);
  return {
    x,
    get value() {
      return moving.value;
    },
    expect: (index, one, other) => moving.expect(index, one, other),
    price: (index, to) => moving.coordinateChange(index, to),
    move(index, to) {
      moving.move(index, to);
      x[index] = to;
    },
    neighbour() {
      const [point, image] = [new Float64Array(x.length), moves.newImage()];
      moving.save(point, image);
      return { x: point, value: moving.value, image };
    },
  };
}
