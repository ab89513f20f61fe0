import { describe, expect, it } from 'vitest';
import { structureRuns } from '../structure-runs.js';
import { isolines } from './isolines.js';
import {
  nearestLayer,
  pathData,
  planeExtent,
  planeSamples,
  planes,
  positionOf,
  structureOutline,
} from './planes.js';

const grid = { size: [20, 16, 12], spacingMm: [2, 3, 4], originMm: [-7, 5, -20] } as const;
const [axial, coronal, sagittal] = planes;

/** A volume whose value at (x, y, z) in millimetres is x + 10 y + 100 z. */
const field = Float64Array.from({ length: 20 * 16 * 12 }, (_, i) => {
  const [x, y, z] = [i % 20, Math.floor(i / 20) % 16, Math.floor(i / 320)];
  return positionOf(grid, 0, x) + 10 * positionOf(grid, 1, y) + 100 * positionOf(grid, 2, z);
});

function pointsOf(path: string): [number, number][] {
  return path
    .split(/[ML]/)
    .slice(1)
    .map((pair) => pair.split(' ').map(Number) as [number, number]);
}

describe('planeSamples', () => {
  it('interpolates a linear field exactly between layers', () => {
    for (const plane of planes) {
      const normalMm = positionOf(grid, plane.normal, 3.3);
      const samples = planeSamples(field, grid, plane, normalMm) as Float32Array;
      const weights = [1, 10, 100];
      samples.forEach((value, i) => {
        const column = i % grid.size[plane.across];
        const row = Math.floor(i / grid.size[plane.across]);
        const expected =
          weights[plane.normal] * normalMm +
          weights[plane.across] * positionOf(grid, plane.across, column) +
          weights[plane.down] * positionOf(grid, plane.down, row);
        expect(value).toBeCloseTo(expected, 2);
      });
    }
  });

  it('ends half a voxel beyond the outermost layers', () => {
    expect(planeSamples(field, grid, axial, -22)).not.toBeNull();
    expect(planeSamples(field, grid, axial, -22.1)).toBeNull();
    expect(planeSamples(field, grid, axial, 26.1)).toBeNull();
  });
});

describe('isodose lines on a plane', () => {
  it('of a dose rising along x lie at the right x in millimetres, on any grid', () => {
    const ramp = Float64Array.from(field, (_, i) => 2 * positionOf(grid, 0, i % 20));
    for (const plane of [axial, coronal]) {
      const samples = planeSamples(ramp, grid, plane, positionOf(grid, plane.normal, 4));
      const [width, height] = [grid.size[plane.across], grid.size[plane.down]];
      const lines = isolines(samples as Float32Array, width, height, 27);
      const points = pointsOf(pathData(lines, grid, plane));
      expect(points).toHaveLength(height);
      for (const [u] of points) expect(u).toBe(13.5);
    }
  });

  it('have superior at the top and posterior below or to the right', () => {
    const up = Float64Array.from(field, (_, i) => positionOf(grid, 2, Math.floor(i / 320)));
    const samples = planeSamples(up, grid, sagittal, 0) as Float32Array;
    const points = pointsOf(pathData(isolines(samples, 16, 12, 10), grid, sagittal));
    for (const [, v] of points) expect(v).toBe(-10);
    expect(sagittal.letters).toEqual(['A', 'P', 'S', 'I']);
    expect([axial.downSign, axial.letters[3]]).toEqual([1, 'P']);
  });
});

describe('structureOutline', () => {
  const inside = (x: number, y: number, z: number) =>
    x >= 4 && x < 10 && y >= 3 && y < 8 && z >= 2 && z < 6;
  const voxels: number[] = [];
  for (let i = 0; i < field.length; i++) {
    if (inside(i % 20, Math.floor(i / 20) % 16, Math.floor(i / 320))) voxels.push(i);
  }
  const runs = structureRuns(Uint32Array.from(voxels), 20);

  it('runs along the outer faces of the voxels', () => {
    for (const [plane, layer] of [
      [axial, 2],
      [coronal, 7],
      [sagittal, 9],
    ] as const) {
      const [line, ...others] = structureOutline(runs, grid, plane, layer);
      expect(others).toEqual([]);
      const first = [4, 3, 2];
      const end = [10, 8, 6];
      const columns = line.filter((_, k) => k % 2 === 0);
      const rows = line.filter((_, k) => k % 2 === 1);
      expect(Math.min(...columns)).toBe(first[plane.across] - 0.5);
      expect(Math.max(...columns)).toBe(end[plane.across] - 0.5);
      expect(Math.min(...rows)).toBe(first[plane.down] - 0.5);
      expect(Math.max(...rows)).toBe(end[plane.down] - 0.5);
    }
  });

  it('is empty beside the structure', () => {
    expect(structureOutline(runs, grid, axial, 6)).toEqual([]);
    expect(structureOutline(runs, grid, sagittal, 3)).toEqual([]);
  });
});

describe('positions', () => {
  it('nearestLayer stays within the grid', () => {
    expect([-100, -20, -17.9, 100].map((z) => nearestLayer(grid, 2, z))).toEqual([0, 0, 1, 11]);
  });

  it('planeExtent reaches to the outer faces', () => {
    expect(planeExtent(grid, axial)).toEqual({ u: -8, v: 3.5, width: 40, height: 48 });
    expect(planeExtent(grid, coronal)).toEqual({ u: -8, v: -26, width: 40, height: 48 });
  });
});
