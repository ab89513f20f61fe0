import { describe, expect, it } from 'vitest';
import { type GammaCriteria, gammaIndex, gammaPassRatePercent } from './gamma.js';

const grid = { size: [9, 7, 6], spacingMm: [2, 3, 4], originMm: [0, 0, 0] } as const;
const count = 9 * 7 * 6;
const at = (x: number, y: number, z: number) => x + 9 * (y + 7 * z);
const threeThree: GammaCriteria = {
  doseDifferencePercent: 3,
  distanceMm: 3,
  normalization: 'global',
  refinements: 0,
};
const bumpy = Float64Array.from({ length: count }, (_, i) => 1 + ((i * 31) % 17) / 17);

/** By definition: all refined points of the box, each interpolated along x, y, z in turn. */
function byDefinition(
  reference: Float64Array,
  evaluated: Float64Array,
  { doseDifferencePercent, distanceMm, normalization, refinements }: GammaCriteria,
  [vx, vy, vz]: readonly [number, number, number],
): number {
  const parts = 2 ** refinements;
  const voxel = (x: number, y: number, z: number) =>
    x < 0 || y < 0 || z < 0 || x >= 9 || y >= 7 || z >= 6 ? 0 : evaluated[at(x, y, z)];
  const lerp = (a: number, b: number, t: number) => a + (b - a) * t;
  const dose = (x: number, y: number, z: number) => {
    const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    const alongX = (jj: number, kk: number) => lerp(voxel(i, jj, kk), voxel(i + 1, jj, kk), x - i);
    const alongY = (kk: number) => lerp(alongX(j, kk), alongX(j + 1, kk), y - j);
    return lerp(alongY(k), alongY(k + 1), z - k);
  };
  const ref = reference[at(vx, vy, vz)];
  const scale = normalization === 'global' ? Math.max(...reference) : ref;
  const tolerance = (doseDifferencePercent / 100) * scale;
  const reach = grid.spacingMm.map((s) => Math.ceil((1.5 * distanceMm * parts) / s));
  let smallest = Infinity;
  for (let i = -reach[0]; i <= reach[0]; i++) {
    for (let j = -reach[1]; j <= reach[1]; j++) {
      for (let k = -reach[2]; k <= reach[2]; k++) {
        const mm = [i, j, k].map((step, axis) => (step / parts) * grid.spacingMm[axis]);
        const distance = Math.hypot(...mm) / distanceMm;
        const difference = dose(vx + i / parts, vy + j / parts, vz + k / parts) - ref;
        smallest = Math.min(smallest, Math.hypot(difference / tolerance, distance));
      }
    }
  }
  return smallest;
}

describe('gamma index', () => {
  it.each(['global', 'local'] as const)('is 0 for equal doses, %s', (normalization) => {
    const gamma = gammaIndex(bumpy, bumpy, grid, { ...threeThree, normalization });
    expect(Math.max(...gamma)).toBe(0);
    expect(gammaPassRatePercent(gamma, bumpy, bumpy, threeThree)).toBe(100);
  });

  it('is the dose difference in tolerances where both doses are uniform', () => {
    const reference = new Float32Array(count).fill(2);
    const evaluated = new Float32Array(count).fill(2.03);
    const gamma = gammaIndex(reference, evaluated, grid, threeThree);
    expect(gamma[at(4, 3, 3)]).toBeCloseTo(0.5, 5);
  });

  it('is the distance in tolerances where a dose is shifted by a voxel', () => {
    const reference = new Float32Array(count);
    const evaluated = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      reference[i] = 10 * (i % 9);
      evaluated[i] = 10 * ((i % 9) + 1);
    }
    const gamma = gammaIndex(reference, evaluated, grid, { ...threeThree, distanceMm: 8 });
    expect(gamma[at(4, 3, 3)]).toBeCloseTo(2 / 8, 6);
  });

  it.each([
    [0, 'global'],
    [0, 'local'],
    [1, 'global'],
    [2, 'local'],
  ] as const)('is the smallest distance over all points, %d refinements, %s', (n, mode) => {
    const criteria = { ...threeThree, refinements: n, normalization: mode };
    const other = bumpy.map((dose, i) => dose * (1 + 0.2 * Math.sin(i)));
    const gamma = gammaIndex(bumpy, other, grid, criteria);
    for (const voxel of [
      [0, 0, 0],
      [4, 3, 3],
      [8, 6, 5],
      [8, 0, 2],
      [3, 6, 1],
    ] as const) {
      const expected = byDefinition(bumpy, other, criteria, voxel);
      const [x, y, z] = voxel;
      expect(gamma[at(x, y, z)]).toBeCloseTo(expected, 5);
    }
  });

  it('never grows with more points between voxels', () => {
    const other = bumpy.toReversed();
    const [coarse, fine] = [0, 1].map((refinements) =>
      gammaIndex(bumpy, other, grid, { ...threeThree, distanceMm: 4, refinements }),
    );
    // 4 mm: the coarse box of 1.5 x DTA ends on a voxel, so the fine points are a superset in x, y;
    // points beyond the fine box are farther than 1.5 and are not compared.
    coarse.forEach((gamma, voxel) => {
      if (gamma < 1.5) expect(fine[voxel]).toBeLessThanOrEqual(gamma);
    });
  });

  it('is 0 outside both doses and counts there for nothing', () => {
    const reference = new Float32Array(count);
    const evaluated = new Float32Array(count);
    reference[at(4, 3, 3)] = 1;
    evaluated[at(4, 3, 3)] = 1;
    evaluated[at(0, 0, 0)] = 1;
    const local = { ...threeThree, normalization: 'local' } as const;
    const gamma = gammaIndex(reference, evaluated, grid, local);
    expect(gamma[at(8, 6, 5)]).toBe(0);
    expect(gamma[at(0, 0, 0)]).toBe(Infinity);
    expect(gammaPassRatePercent(gamma, reference, evaluated, local)).toBe(50);
    const inside = Uint32Array.of(at(4, 3, 3), at(8, 6, 5));
    expect(gammaPassRatePercent(gamma, reference, evaluated, local, inside)).toBe(100);
  });
});
