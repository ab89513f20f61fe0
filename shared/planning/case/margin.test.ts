import type { Grid } from '@isola/kernels/grid';
import { describe, expect, it } from 'vitest';
import { contract, expand } from './margin.js';
import { differenceOf } from './voxel-sets.js';

const grid: Grid = { size: [41, 41, 31], spacingMm: [2, 2, 3], originMm: [-40, -40, -45] };
const centre = 20 + 41 * (20 + 41 * 15);

/** Distance of a voxel from the central one. */
function radiusMm(voxel: number): number {
  const x = (voxel % 41) - 20;
  const y = (Math.floor(voxel / 41) % 41) - 20;
  const z = Math.floor(voxel / 41 / 41) - 15;
  return Math.hypot(2 * x, 2 * y, 3 * z);
}
const ball = (limitMm: number) =>
  Uint32Array.from({ length: 41 * 41 * 31 }, (_, v) => v).filter((v) => radiusMm(v) <= limitMm);

describe('expand', () => {
  it('makes a ball of a voxel, those on the margin with it', () => {
    for (const marginMm of [0, 1.9, 2, 6, 10, 17.3]) {
      expect(expand(grid, Uint32Array.of(centre), marginMm)).toEqual(ball(marginMm));
    }
  });

  it('ends at the border of the grid', () => {
    expect([...expand(grid, Uint32Array.of(0), 2)]).toEqual([0, 1, 41]);
  });

  it('does not lose the voxel on the margin to rounding', () => {
    const thin: Grid = { size: [20, 1, 1], spacingMm: [0.1, 1, 1], originMm: [0, 0, 0] };
    expect([...expand(thin, Uint32Array.of(5), 0.3)]).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect([...contract(thin, Uint32Array.of(5), 0)]).toEqual([5]);
  });

  it('keeps nothing of nothing', () => {
    expect(expand(grid, new Uint32Array(0), 5).length).toBe(0);
    expect(contract(grid, new Uint32Array(0), 5).length).toBe(0);
  });
});

describe('contract', () => {
  it('is the expansion of what is outside, taken away', () => {
    const set = ball(20);
    const all = Uint32Array.from({ length: 41 * 41 * 31 }, (_, v) => v);
    const outside = differenceOf(all, set);
    for (const marginMm of [0.5, 2, 5, 9]) {
      expect(contract(grid, set, marginMm)).toEqual(
        differenceOf(set, expand(grid, outside, marginMm)),
      );
    }
  });

  it('after an expansion by the same margin gives back at least the set', () => {
    const set = Uint32Array.from([...ball(8), centre + 12]).sort();
    const closed = contract(grid, expand(grid, set, 6), 6);
    expect(differenceOf(set, closed).length).toBe(0);
  });

  it('counts what lies beyond the grid as outside', () => {
    const all = Uint32Array.from({ length: 41 * 41 * 31 }, (_, v) => v);
    expect(contract(grid, all, 3).length).toBe(39 * 39 * 29);
  });
});
