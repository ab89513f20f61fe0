import type { Grid, Vec3 } from '@isola/kernels/grid';
import type { ReportInput } from './report-input.js';

/** A box in patient axes. */
export interface Box {
  readonly lowMm: Vec3;
  readonly highMm: Vec3;
}

const marginMm = 15;

/** What the slices show: the patient with a margin, or the whole CT where no outline is known. */
export function fieldOfView(input: Pick<ReportInput, 'grid' | 'structures'>): Box {
  const whole = extent(input.grid);
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  const [nx, ny] = input.grid.size;
  for (const structure of input.structures) {
    if (structure.kind !== 'external') continue;
    for (const voxel of structure.voxels) {
      const line = Math.floor(voxel / nx);
      const index = [voxel % nx, line % ny, Math.floor(line / ny)];
      for (let axis = 0; axis < 3; axis++) {
        if (index[axis] < low[axis]) low[axis] = index[axis];
        if (index[axis] > high[axis]) high[axis] = index[axis];
      }
    }
  }
  if (low[0] === Infinity) return whole;
  const edge = (axis: 0 | 1 | 2, index: number) =>
    input.grid.originMm[axis] + index * input.grid.spacingMm[axis];
  return {
    lowMm: forAxes((a) => Math.max(whole.lowMm[a], edge(a, low[a] - 0.5) - marginMm)),
    highMm: forAxes((a) => Math.min(whole.highMm[a], edge(a, high[a] + 0.5) + marginMm)),
  };
}

/** A box's part of a volume, out to whole voxels. */
export function cropped<Samples extends Int16Array | Float32Array>(
  volume: Samples,
  grid: Grid,
  box: Box,
): { volume: Samples; grid: Grid } {
  const first = forAxes((a) => layerWithin(grid, a, Math.floor(layerAt(grid, a, box.lowMm[a]))));
  const last = forAxes((a) => layerWithin(grid, a, Math.ceil(layerAt(grid, a, box.highMm[a]))));
  const size = forAxes((a) => last[a] - first[a] + 1);
  const part = volume.slice(0, size[0] * size[1] * size[2]) as Samples;
  for (let z = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      const from = first[0] + grid.size[0] * (first[1] + y + grid.size[1] * (first[2] + z));
      part.set(volume.subarray(from, from + size[0]), size[0] * (y + size[1] * z));
    }
  }
  const originMm = forAxes((a) => grid.originMm[a] + first[a] * grid.spacingMm[a]);
  return { volume: part, grid: { size, spacingMm: grid.spacingMm, originMm } };
}

/** Outer faces of a grid's voxels. */
function extent(grid: Grid): Box {
  return {
    lowMm: forAxes((a) => grid.originMm[a] - grid.spacingMm[a] / 2),
    highMm: forAxes((a) => grid.originMm[a] + (grid.size[a] - 0.5) * grid.spacingMm[a]),
  };
}

function layerAt(grid: Grid, axis: 0 | 1 | 2, positionMm: number): number {
  return (positionMm - grid.originMm[axis]) / grid.spacingMm[axis];
}

function layerWithin(grid: Grid, axis: 0 | 1 | 2, layer: number): number {
  return Math.min(Math.max(layer, 0), grid.size[axis] - 1);
}

function forAxes(value: (axis: 0 | 1 | 2) => number): Vec3 {
  return [value(0), value(1), value(2)];
}
