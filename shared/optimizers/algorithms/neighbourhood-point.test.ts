import { RandomStream } from '@isola/kernels/random';
import { describe, expect, it } from 'vitest';
import type { Image } from '../problem/index.js';
import { movedNeighbours, pricedNeighbours } from './neighbourhood-point.js';
import { toy } from './neighbourhood-toy.js';

const problem = toy(64, 300, 20);
const random = new RandomStream(1, 'neighbourhood-point.test');
const points = Array.from({ length: 6 }, (_, k) =>
  Float64Array.from({ length: 64 }, (_x, i) => 4 * random.uniform(0, 0, k, i)),
);

describe('moved points', () => {
  it.each([1, 4, 40])('cost what they cost as new points, %i variables changed', async (count) => {
    const from = await pricedNeighbours(problem, points);
    const to = points.map((x, k) => x.map((xi, i) => (i < count ? points[(k + 1) % 6][i] : xi)));
    const wanted = await pricedNeighbours(problem, to);
    const moves = from.map((point, k) => ({ from: point, to: to[k] }));
    const moved = await movedNeighbours(problem, moves);
    moved.forEach(({ x, value, image }, k) => {
      expect(x).toEqual(to[k]);
      expect(value).toBe(problem.coordinateMoves.imageValue(x, image as Image));
      expect(Math.abs(value - wanted[k].value)).toBeLessThan(1e-5 * wanted[k].value);
    });
    // Those that they come from stay as they were.
    expect(await pricedNeighbours(problem, points)).toEqual(from);
  });

  it('cost the same where the problem has no images', async () => {
    const { coordinateMoves: _, ...plain } = problem;
    const [from] = await pricedNeighbours(plain, points);
    const [moved] = await movedNeighbours(plain, [{ from, to: points[1] }]);
    expect(moved).toEqual({ x: points[1], value: await plain.value(points[1]), image: null });
  });
});
