import { describe, expect, it } from 'vitest';
import { createPath, type Grid, pathIntegral, tracePath, type Vec3, voxelCount } from './index.js';

const grid: Grid = { size: [12, 9, 15], spacingMm: [2, 3, 1.5], originMm: [-11, 4, -2.25] };
const path = createPath(grid);

/** Numbers that look random: fractional parts of multiples of irrational numbers. */
function scattered(i: number): Vec3 {
  return [(i * 0.7548776662466927) % 1, (i * 0.5698402909980532) % 1, (i * 0.4142135623730951) % 1];
}

/** The i-th of scattered points in a box around the grid, `margin` times its size wider. */
function pointAround(i: number, margin: number): Vec3 {
  return scattered(i).map((u, axis) => {
    const width = grid.size[axis] * grid.spacingMm[axis];
    const middle = grid.originMm[axis] + 0.5 * (width - grid.spacingMm[axis]);
    return middle + (u - 0.5) * width * (1 + margin);
  }) as unknown as Vec3;
}

const pairs = Array.from({ length: 400 }, (_, i): [Vec3, Vec3] => [
  pointAround(2 * i, i % 3),
  pointAround(2 * i + 1, i % 2),
]);
const densities = Float32Array.from({ length: voxelCount(grid) }, (_, i) => scattered(i)[0] + 0.1);
const ones = new Float32Array(voxelCount(grid)).fill(1);

function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function between(a: Vec3, b: Vec3, t: number): Vec3 {
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
}

/** Linear index of the voxel that holds a point, -1 outside. */
function voxelAt(point: Vec3): number {
  const [x, y, z] = point.map((coordinate, axis) =>
    Math.floor((coordinate - grid.originMm[axis]) / grid.spacingMm[axis] + 0.5),
  );
  const [nx, ny, nz] = grid.size;
  const isInside = x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz;
  return isInside ? x + nx * (y + ny * z) : -1;
}

describe('tracePath', () => {
  it('gives voxels that hold the middle of their part, without gaps and in order', () => {
    let met = 0;
    for (const [a, b] of pairs.slice(0, 150)) {
      const count = tracePath(grid, a, b, path);
      met += count;
      for (let i = 0; i < count; i++) {
        expect(path.lengthsMm[i]).toBeGreaterThan(0);
        const middle = path.entriesMm[i] + 0.5 * path.lengthsMm[i];
        if (path.lengthsMm[i] > 1e-9) {
          expect(voxelAt(between(a, b, middle / distance(a, b)))).toBe(path.voxels[i]);
        }
        if (i > 0) {
          const left = path.entriesMm[i - 1] + path.lengthsMm[i - 1];
          expect(Math.abs(path.entriesMm[i] - left)).toBeLessThan(1e-12);
        }
      }
    }
    expect(met).toBeGreaterThan(1000);
  });
  it('gives lengths that add up to the chord of the box', () => {
    const half = grid.size.map((n, axis) => 0.5 * n * grid.spacingMm[axis]);
    const middle = grid.originMm.map((o, axis) => o + half[axis] - 0.5 * grid.spacingMm[axis]);
    for (const [a, b] of pairs) {
      let enter = 0;
      let exit = 1;
      for (let axis = 0; axis < 3; axis++) {
        const toLower = (middle[axis] - half[axis] - a[axis]) / (b[axis] - a[axis]);
        const toUpper = (middle[axis] + half[axis] - a[axis]) / (b[axis] - a[axis]);
        enter = Math.max(enter, Math.min(toLower, toUpper));
        exit = Math.min(exit, Math.max(toLower, toUpper));
      }
      const chordMm = Math.max(0, exit - enter) * distance(a, b);
      expect(pathIntegral(grid, ones, a, b, path)).toBeCloseTo(chordMm, 10);
    }
  });
  it('meets nothing on segments that miss the grid, end before it, or have no length', () => {
    const misses: [Vec3, Vec3][] = [
      [
        [-100, 0, 0],
        [-50, 10, 5],
      ],
      [
        [-100, 100, 0],
        [100, 100, 0],
      ],
      [
        [0, 10, 0],
        [0, 10, 0],
      ],
      [
        [-100, 0, 0],
        [0, 200, 0],
      ],
    ];
    for (const [a, b] of misses) expect(tracePath(grid, a, b, path)).toBe(0);
  });
  it('stays in one voxel if the segment does', () => {
    expect(tracePath(grid, [-11.5, 4, -2], [-10.5, 5, -2], path)).toBe(1);
    expect([path.voxels[0], path.entriesMm[0], path.lengthsMm[0]]).toEqual([0, 0, Math.SQRT2]);
  });
});

describe('pathIntegral', () => {
  it('of a homogeneous cube is density times path length', () => {
    const cube: Grid = { size: [10, 10, 10], spacingMm: [1, 1, 1], originMm: [-4.5, -4.5, -4.5] };
    const room = createPath(cube);
    const water = new Float32Array(1000).fill(2);
    const integral = (a: Vec3, b: Vec3) => pathIntegral(cube, water, a, b, room);
    expect(integral([-50, 0.3, 0.2], [50, 0.3, 0.2])).toBeCloseTo(20, 12);
    expect(integral([-50, -50, -50], [50, 50, 50])).toBeCloseTo(20 * Math.sqrt(3), 12);
    expect(integral([0, 0, 0], [0, 0, 50])).toBeCloseTo(10, 12);
    expect(integral([-1, 2, 3], [2, -2, 3])).toBeCloseTo(10, 12);
    // Through the middles of two adjoining faces, at 45 degrees.
    expect(integral([-15, -10, 0.5], [5, 10, 0.5])).toBeCloseTo(2 * 5 * Math.SQRT2, 12);
  });
  it('in a plane between voxels takes the voxels above it, on the way there and back', () => {
    const plane: Grid = { size: [4, 4, 4], spacingMm: [1, 1, 1], originMm: [0.5, 0.5, 0.5] };
    const room = createPath(plane);
    const layers = Float32Array.from({ length: 64 }, (_, i) => Math.floor(i / 16));
    for (const height of [0, 1, 2, 3]) {
      for (const [a, b] of [
        [
          [-3, -2, height],
          [9, 7, height],
        ],
        [
          [1, -5, height],
          [1, 5, height],
        ],
        [
          [-1, -1, height],
          [5, 5, height],
        ],
      ] as [Vec3, Vec3][]) {
        const length = pathIntegral(plane, new Float32Array(64).fill(1), a, b, room);
        expect(pathIntegral(plane, layers, a, b, room)).toBeCloseTo(height * length, 12);
        expect(pathIntegral(plane, layers, b, a, room)).toBeCloseTo(height * length, 12);
      }
    }
    expect(tracePath(plane, [-1, 1, 4], [5, 1, 4], room)).toBe(0);
  });
  it('is the limit of fine sampling', () => {
    const steps = 20_000;
    for (const [a, b] of pairs.slice(0, 20)) {
      let sampled = 0;
      for (let i = 0; i < steps; i++) {
        const voxel = voxelAt(between(a, b, (i + 0.5) / steps));
        if (voxel >= 0) sampled += densities[voxel];
      }
      const stepMm = distance(a, b) / steps;
      const exact = pathIntegral(grid, densities, a, b, path);
      // Each of at most 36 crossings is off by at most half a step of a density difference below 1.
      expect(Math.abs(sampled * stepMm - exact)).toBeLessThan(20 * stepMm);
    }
  });
  it('is additive along the segment and the same backwards', () => {
    for (let i = 0; i < pairs.length; i++) {
      const [a, b] = pairs[i];
      const middle = between(a, b, scattered(i)[2]);
      const whole = pathIntegral(grid, densities, a, b, path);
      const parts =
        pathIntegral(grid, densities, a, middle, path) +
        pathIntegral(grid, densities, middle, b, path);
      expect(parts).toBeCloseTo(whole, 10);
      expect(pathIntegral(grid, densities, b, a, path)).toBeCloseTo(whole, 10);
    }
  });
  it('hardly changes when a segment in a plane between voxels is tilted by a little', () => {
    for (const tilt of [0, 1e-300, 1e-17, 1e-14, 1e-12, 1e-10]) {
      const integral = pathIntegral(grid, ones, [-30, 5.5, 0], [30, 5.5 + tilt, 0], path);
      expect(integral).toBeCloseTo(24, 9);
    }
  });
});
