import type { Vec3 } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import { squaredDistancesMm2 } from './distance-transform.js';

/** The definition: the least over all seeds. */
function bruteForce(mask: Uint8Array, [nx, ny]: Vec3, spacing: Vec3): number[] {
  const cell = (v: number) => [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)];
  return Array.from(mask, (_, v) => {
    let least = Number.POSITIVE_INFINITY;
    mask.forEach((inside, seed) => {
      if (!inside) return;
      const [p, q] = [cell(v), cell(seed)];
      const squared = [0, 1, 2].reduce((s, k) => s + ((p[k] - q[k]) * spacing[k]) ** 2, 0);
      least = Math.min(least, squared);
    });
    return least;
  });
}

describe('squaredDistancesMm2', () => {
  const size: Vec3 = [9, 7, 8];
  const cells = 9 * 7 * 8;

  it.each([[[1, 1, 1] as Vec3], [[0.9, 2.5, 3] as Vec3], [[4, 0.3, 1.7] as Vec3]])(
    'is the distance to the nearest seed, spacing %j',
    (spacing) => {
      for (const share of [200, 40, 3]) {
        // Seeds scattered by a linear congruence.
        const mask = Uint8Array.from({ length: cells }, (_, k) =>
          (k * 7919 + 13) % 1009 < 1009 / share ? 1 : 0,
        );
        expect(mask.includes(1)).toBe(true);
        const expected = bruteForce(mask, size, spacing);
        const found = squaredDistancesMm2(mask, size, spacing);
        for (let v = 0; v < cells; v++) expect(found[v]).toBeCloseTo(expected[v], 9);
      }
    },
  );

  it('is 0 on seeds alone, and infinite where there is none', () => {
    const none = squaredDistancesMm2(new Uint8Array(cells), size, [1, 1, 1]);
    expect(none.every((d) => d === Number.POSITIVE_INFINITY)).toBe(true);
    const mask = new Uint8Array(cells);
    mask[100] = 1;
    const one = squaredDistancesMm2(mask, size, [1, 1, 1]);
    expect([...one].flatMap((d, v) => (d === 0 ? [v] : []))).toEqual([100]);
  });
});
