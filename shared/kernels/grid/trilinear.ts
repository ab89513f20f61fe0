/**
 * Trilinear interpolation. Values stand at voxel centres; between the outermost centres and the
 * faces of the grid they stay constant; outside the faces there is one given value.
 */
import { axisPosition, centreMm } from './axis-position.js';
import type { Grid, Vec3 } from './grid.js';

/** Value at a point (mm); `outside` where the point lies outside the grid. */
export function sampleTrilinear(
  grid: Grid,
  values: Float32Array,
  pointMm: Vec3,
  outside = 0,
): number {
  const x = axisPosition(grid, 0, pointMm[0]);
  const y = axisPosition(grid, 1, pointMm[1]);
  const z = axisPosition(grid, 2, pointMm[2]);
  if (Number.isNaN(x + y + z)) return outside;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const z0 = Math.floor(z);
  const sizeX = grid.size[0];
  const sizeY = grid.size[1];
  // At the last centre the fraction is 0, so the centre is its own neighbour.
  const nextX = x0 + 1 < sizeX ? 1 : 0;
  const nextY = y0 + 1 < sizeY ? sizeX : 0;
  const nextZ = z0 + 1 < grid.size[2] ? sizeX * sizeY : 0;
  const near = x0 + sizeX * (y0 + sizeY * z0);
  const far = near + nextZ;
  const fx = x - x0;
  const a = mix(values[near], values[near + nextX], fx);
  const b = mix(values[near + nextY], values[near + nextY + nextX], fx);
  const c = mix(values[far], values[far + nextX], fx);
  const d = mix(values[far + nextY], values[far + nextY + nextX], fx);
  return mix(mix(a, b, y - y0), mix(c, d, y - y0), z - z0);
}

function mix(a: number, b: number, fraction: number): number {
  return a + fraction * (b - a);
}

/** Where the voxel centres of one grid lie between those of another, on one axis. */
interface Neighbours {
  /** Lower neighbour of each centre, -1 outside. */
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** Weight of the upper neighbour; the lower one has the rest. */
  readonly fraction: Float64Array;
}

function neighboursOnAxis(from: Grid, to: Grid, axis: number): Neighbours {
  const size = to.size[axis];
  const lower = new Int32Array(size).fill(-1);
  const upper = new Int32Array(size).fill(-1);
  const fraction = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const position = axisPosition(from, axis, centreMm(to, axis, i));
    if (Number.isNaN(position)) continue;
    lower[i] = Math.floor(position);
    upper[i] = Math.min(lower[i] + 1, from.size[axis] - 1);
    fraction[i] = position - lower[i];
  }
  return { lower, upper, fraction };
}

/** Takes the first voxel of a row along x, and those and the weights of the four rows around it. */
type RowVisitor = (start: number, rows: Int32Array, weights: Float64Array) => void;

/** Visits the rows of `to` that lie inside `from`. */
function forEachRow(from: Grid, to: Grid, visit: RowVisitor): void {
  const y = neighboursOnAxis(from, to, 1);
  const z = neighboursOnAxis(from, to, 2);
  const [sizeX, sizeY] = from.size;
  const rows = new Int32Array(4);
  const weights = new Float64Array(4);
  for (let k = 0; k < to.size[2]; k++) {
    for (let j = 0; j < to.size[1]; j++) {
      if (y.lower[j] < 0 || z.lower[k] < 0) continue;
      rows[0] = sizeX * (y.lower[j] + sizeY * z.lower[k]);
      rows[1] = sizeX * (y.upper[j] + sizeY * z.lower[k]);
      rows[2] = sizeX * (y.lower[j] + sizeY * z.upper[k]);
      rows[3] = sizeX * (y.upper[j] + sizeY * z.upper[k]);
      weights[0] = (1 - y.fraction[j]) * (1 - z.fraction[k]);
      weights[1] = y.fraction[j] * (1 - z.fraction[k]);
      weights[2] = (1 - y.fraction[j]) * z.fraction[k];
      weights[3] = y.fraction[j] * z.fraction[k];
      visit(to.size[0] * (j + to.size[1] * k), rows, weights);
    }
  }
}

/** out = values of `from` at the voxel centres of `to`; `outside` where these are not in `from`. */
export function resample(
  from: Grid,
  values: Float32Array,
  to: Grid,
  out: Float32Array,
  outside = 0,
): void {
  const { lower, upper, fraction } = neighboursOnAxis(from, to, 0);
  out.fill(outside);
  forEachRow(from, to, (start, rows, weights) => {
    const [row0, row1, row2, row3] = rows;
    const [weight0, weight1, weight2, weight3] = weights;
    for (let i = 0; i < lower.length; i++) {
      if (lower[i] < 0) continue;
      const low =
        weight0 * values[row0 + lower[i]] +
        weight1 * values[row1 + lower[i]] +
        weight2 * values[row2 + lower[i]] +
        weight3 * values[row3 + lower[i]];
      const high =
        weight0 * values[row0 + upper[i]] +
        weight1 * values[row1 + upper[i]] +
        weight2 * values[row2 + upper[i]] +
        weight3 * values[row3 + upper[i]];
      out[start + i] = mix(low, high, fraction[i]);
    }
  });
}

/** out = A^T cotangent for the linear map A of `resample`: `cotangent` on `to`, `out` on `from`. */
export function resamplePullback(
  from: Grid,
  to: Grid,
  cotangent: Float32Array,
  out: Float64Array,
): void {
  const { lower, upper, fraction } = neighboursOnAxis(from, to, 0);
  out.fill(0);
  forEachRow(from, to, (start, rows, weights) => {
    for (let i = 0; i < lower.length; i++) {
      if (lower[i] < 0) continue;
      const high = fraction[i] * cotangent[start + i];
      const low = cotangent[start + i] - high;
      for (let corner = 0; corner < 4; corner++) {
        out[rows[corner] + lower[i]] += weights[corner] * low;
        out[rows[corner] + upper[i]] += weights[corner] * high;
      }
    }
  });
}
