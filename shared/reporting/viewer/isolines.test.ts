import { contours } from 'd3-contour';
import { describe, expect, it } from 'vitest';
import { isolines } from './isolines.js';

function lattice(width: number, height: number, value: (x: number, y: number) => number) {
  return Float64Array.from({ length: width * height }, (_, i) =>
    value(i % width, Math.floor(i / width)),
  );
}

function pointsOf(line: readonly number[]): [number, number][] {
  return Array.from({ length: line.length / 2 }, (_, k) => [line[2 * k], line[2 * k + 1]]);
}

/** Twice the signed area of a closed line. */
function doubleArea(line: readonly number[]): number {
  const points = pointsOf(line);
  let sum = 0;
  for (let k = 1; k < points.length; k++) {
    sum += points[k - 1][0] * points[k][1] - points[k][0] * points[k - 1][1];
  }
  return sum;
}

describe('isolines', () => {
  it('of a linear ramp are straight lines at the right place', () => {
    const ramp = lattice(12, 9, (x, y) => 3 * x + 2 * y);
    const lines = isolines(ramp, 12, 9, 20.5);
    expect(lines).toHaveLength(1);
    const points = pointsOf(lines[0]);
    for (const [x, y] of points) expect(3 * x + 2 * y).toBeCloseTo(20.5, 12);
    const ends = [points[0], points[points.length - 1]].sort((a, b) => a[0] - b[0]);
    expect(ends[0]).toEqual([expect.closeTo(1.5, 12), 8]);
    expect(ends[1]).toEqual([expect.closeTo(20.5 / 3, 12), 0]);
  });

  it('of a round hill close, and enclose the circle', () => {
    const hill = lattice(81, 81, (x, y) => -Math.hypot(x - 40, y - 40));
    const [line, ...others] = isolines(hill, 81, 81, -30);
    expect(others).toEqual([]);
    expect(line.slice(-2)).toEqual(line.slice(0, 2));
    expect(Math.abs(doubleArea(line)) / 2 / (Math.PI * 900)).toBeCloseTo(1, 2);
  });

  it('turn one way round a hill and the other way round a hole', () => {
    const ring = lattice(61, 61, (x, y) => -Math.abs(Math.hypot(x - 30, y - 30) - 18));
    const areas = isolines(ring, 61, 61, -5).map(doubleArea);
    expect(areas).toHaveLength(2);
    expect(Math.sign(areas[0])).toBe(-Math.sign(areas[1]));
  });

  it('pass between the corners of an ambiguous cell as the mean says', () => {
    const joined = isolines([10, 0, 0, 10], 2, 2, 4).map(pointsOf);
    const apart = isolines([10, 0, 0, 10], 2, 2, 6).map(pointsOf);
    const cutsOff = (lines: [number, number][][], x: number, y: number) =>
      lines.some((line) => line.every(([u, v]) => Math.hypot(u - x, v - y) < 1));
    expect([joined.length, apart.length]).toEqual([2, 2]);
    expect([cutsOff(joined, 1, 0), cutsOff(joined, 0, 1)]).toEqual([true, true]);
    expect([cutsOff(apart, 0, 0), cutsOff(apart, 1, 1)]).toEqual([true, true]);
  });

  it('are none where no sample, or every sample, reaches the level', () => {
    const flat = lattice(5, 5, () => 1);
    expect(isolines(flat, 5, 5, 2)).toEqual([]);
    expect(isolines(flat, 5, 5, 1)).toEqual([]);
  });

  it('agree with d3-contour point by point', () => {
    const [width, height, level] = [64, 48, 0.37];
    const hills = lattice(
      width,
      height,
      (x, y) =>
        Math.exp(-(((x - 20) / 9) ** 2) - ((y - 22) / 7) ** 2) +
        Math.exp(-Math.hypot(x - 44.3, y - 25.1) / 6),
    );
    const ours = isolines(hills, width, height, level).flatMap(pointsOf);
    const theirs = contours()
      .size([width, height])
      .contour([...hills], level)
      .coordinates.flat(2)
      .map(([x, y]) => [x - 0.5, y - 0.5]);
    const keyed = (points: readonly (readonly number[])[]) =>
      [...new Set(points.map(([x, y]) => `${x.toFixed(6)} ${y.toFixed(6)}`))].sort();
    expect(keyed(ours)).toEqual(keyed(theirs));
  });
});
