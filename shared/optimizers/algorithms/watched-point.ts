import type { Image, MovingPoint } from '../problem/index.js';

/** The best point that is known. */
export interface KnownBest {
  /** Null where none is known yet. Out of date while there is a trail. */
  x: Float64Array | null;
  /** NaN where none is known yet. */
  value: number;
  /** Knows the way back to the best point; null where `x` holds it. */
  trail: WatchedPoint | null;
}

/** What a watched point asks and tells. */
export interface Watcher {
  readonly best: KnownBest;
  /** Called before each price; throws where no more may be computed. */
  admit(): void;
  /** @throws where the cost is not finite */
  check(value: number): void;
  /** Takes a copy of the point if it is the best. */
  keep(x: Float64Array, value: number): void;
}

/**
 * A moving point whose prices are counted and the best of them kept. A move costs far less than a
 * copy of the point, so the best is not copied when it is found: the moves made since then are
 * noted, and undone on a copy when the best is asked for or the notes have become as long as it.
 */
export class WatchedPoint implements MovingPoint {
  private readonly x: Float64Array;
  /** Variables and the values that they had before; the first note leads to the best itself. */
  private readonly variables: Int32Array;
  private readonly before: Float64Array;
  private notes = 0;

  constructor(
    private readonly point: MovingPoint,
    size: number,
    private readonly watcher: Watcher,
  ) {
    this.x = new Float64Array(size);
    this.variables = new Int32Array(size + 1);
    this.before = new Float64Array(size + 1);
  }

  get value(): number {
    return this.point.value;
  }

  load(x: Float64Array, image: Image): void {
    this.settle();
    this.point.load(x, image);
    this.x.set(x);
    this.watcher.keep(x, this.point.value);
  }

  expect(index: number, one: number, other: number): void {
    this.point.expect(index, one, other);
  }

  coordinateChange(index: number, to: number): number {
    this.watcher.admit();
    const value = this.point.coordinateChange(index, to);
    const { best } = this.watcher;
    if (value >= best.value && value < Infinity) return value;
    this.watcher.check(value);
    [best.value, best.trail] = [value, this];
    this.notes = 0;
    this.note(index, to);
    return value;
  }

  move(index: number, to: number): void {
    this.point.move(index, to);
    if (this.notes === this.variables.length) this.settle();
    if (this.watcher.best.trail === this) this.note(index, this.x[index]);
    this.x[index] = to;
  }

  save(x: Float64Array, image: Image): void {
    this.point.save(x, image);
  }

  /** Brings the best point up to date if this one knows the way to it. */
  settle(): void {
    const { best } = this.watcher;
    if (best.trail !== this) return;
    best.x = Float64Array.from(this.x);
    for (let k = this.notes - 1; k >= 0; k--) best.x[this.variables[k]] = this.before[k];
    best.trail = null;
  }

  private note(variable: number, value: number): void {
    this.variables[this.notes] = variable;
    this.before[this.notes] = value;
    this.notes++;
  }
}
