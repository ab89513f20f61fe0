// @ts-check
/**
 * The three planes through a volume, and what is drawn on them, in millimetres on the page:
 * u runs to the right and v downwards. Patient axes are LPS, seen as on a radiological workstation.
 */
import { isolines } from './isolines.js';

/** @typedef {import('@isola/kernels/grid').Grid} Grid */
/**
 * @typedef {object} Plane
 * @property {string} name
 * @property {0 | 1 | 2} normal patient axis that the plane is at right angles to
 * @property {0 | 1 | 2} across patient axis along u
 * @property {0 | 1 | 2} down patient axis along v
 * @property {1 | -1} downSign v = downSign * position on that axis
 * @property {readonly [string, string, string, string]} letters left, right, top, bottom
 */

/** @type {readonly Plane[]} */
export const planes = [
  { name: 'Axial', normal: 2, across: 0, down: 1, downSign: 1, letters: ['R', 'L', 'A', 'P'] },
  { name: 'Coronal', normal: 1, across: 0, down: 2, downSign: -1, letters: ['R', 'L', 'S', 'I'] },
  { name: 'Sagittal', normal: 0, across: 1, down: 2, downSign: -1, letters: ['A', 'P', 'S', 'I'] },
];

/**
 * Samples of a volume on a plane at a position along its normal, row by row, linearly interpolated
 * between the two nearest layers; null outside the volume.
 * @param {ArrayLike<number>} volume
 * @param {Grid} grid
 * @param {Plane} plane
 * @param {number} positionMm
 */
export function planeSamples(volume, grid, plane, positionMm) {
  const layers = grid.size[plane.normal];
  const layer = indexOf(grid, plane.normal, positionMm);
  if (layer < -0.5 || layer > layers - 0.5) return null;
  const clamped = Math.min(Math.max(layer, 0), layers - 1);
  const below = Math.floor(clamped);
  const part = clamped - below;
  const stride = [1, grid.size[0], grid.size[0] * grid.size[1]];
  const toNext = part > 0 ? stride[plane.normal] : 0;
  const width = grid.size[plane.across];
  const height = grid.size[plane.down];
  const samples = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    let at = below * stride[plane.normal] + row * stride[plane.down];
    for (let column = 0; column < width; column++) {
      samples[column + width * row] = volume[at] + part * (volume[at + toNext] - volume[at]);
      at += stride[plane.across];
    }
  }
  return samples;
}

/**
 * Outline, in voxel indices of the plane, of the structure whose voxels are `runs`.
 * @param {ArrayLike<number>} runs first voxel and count of each run along x, alternating
 * @param {Grid} grid
 * @param {Plane} plane
 * @param {number} layer index along the plane's normal
 */
export function structureOutline(runs, grid, plane, layer) {
  const pieces = piecesOnPlane(runs, grid, plane, layer);
  if (pieces.length === 0) return [];
  let [left, right, top, bottom] = [Infinity, -1, Infinity, -1];
  for (const [column, count, row] of pieces) {
    left = Math.min(left, column);
    right = Math.max(right, column + count);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  }
  const width = right - left + 2;
  const height = bottom - top + 2;
  const mask = new Uint8Array(width * height);
  for (const [column, count, row] of pieces) {
    const at = column - left + 1 + width * (row - top + 1);
    mask.fill(1, at, at + count);
  }
  return isolines(mask, width, height, 0.5).map((line) =>
    line.map((value, k) => value - 1 + (k % 2 === 0 ? left : top)),
  );
}

/**
 * @param {ArrayLike<number>} runs
 * @param {Grid} grid
 * @param {Plane} plane
 * @param {number} layer
 * @returns {[column: number, count: number, row: number][]}
 */
function piecesOnPlane(runs, grid, plane, layer) {
  const [nx, ny] = grid.size;
  /** @type {[number, number, number][]} */
  const pieces = [];
  for (let k = 0; k < runs.length; k += 2) {
    const x = runs[k] % nx;
    const line = (runs[k] - x) / nx;
    const y = line % ny;
    const z = (line - y) / ny;
    if (plane.normal === 2) {
      if (z === layer) pieces.push([x, runs[k + 1], y]);
    } else if (plane.normal === 1) {
      if (y === layer) pieces.push([x, runs[k + 1], z]);
    } else if (x <= layer && layer < x + runs[k + 1]) {
      pieces.push([y, 1, z]);
    }
  }
  return pieces;
}

/**
 * Polylines in voxel indices of a plane as the data of an SVG path in u, v.
 * @param {readonly (readonly number[])[]} lines
 * @param {Grid} grid
 * @param {Plane} plane
 */
export function pathData(lines, grid, plane) {
  let data = '';
  for (const line of lines) {
    for (let k = 0; k < line.length; k += 2) {
      const u = positionOf(grid, plane.across, line[k]);
      const v = plane.downSign * positionOf(grid, plane.down, line[k + 1]);
      data += `${k === 0 ? 'M' : 'L'}${rounded(u)} ${rounded(v)}`;
    }
  }
  return data;
}

/**
 * Where to write a line's name: the point of its longest polyline farthest in a direction that
 * turns with `turn`, so that the names of nested lines do not stack up; null without a line.
 * @param {readonly (readonly number[])[]} lines
 * @param {Grid} grid
 * @param {Plane} plane
 * @param {number} turn
 */
export function labelPoint(lines, grid, plane, turn) {
  if (lines.length === 0) return null;
  const line = lines.reduce((best, each) => (each.length > best.length ? each : best));
  const angle = 0.6 + 2.4 * turn;
  let farthest = -Infinity;
  let point = { u: 0, v: 0 };
  for (let k = 0; k < line.length; k += 2) {
    const u = positionOf(grid, plane.across, line[k]);
    const v = plane.downSign * positionOf(grid, plane.down, line[k + 1]);
    const reach = u * Math.cos(angle) + v * Math.sin(angle);
    if (reach > farthest) {
      farthest = reach;
      point = { u: rounded(u), v: rounded(v) };
    }
  }
  return point;
}

/**
 * The rectangle that a grid's voxels cover on a plane.
 * @param {Grid} grid
 * @param {Plane} plane
 */
export function planeExtent(grid, plane) {
  const acrossMm = grid.spacingMm[plane.across];
  const downMm = grid.spacingMm[plane.down];
  const top = plane.downSign === 1 ? 0 : grid.size[plane.down] - 1;
  return {
    u: positionOf(grid, plane.across, 0) - acrossMm / 2,
    v: plane.downSign * positionOf(grid, plane.down, top) - downMm / 2,
    width: grid.size[plane.across] * acrossMm,
    height: grid.size[plane.down] * downMm,
  };
}

/**
 * Position of an index along an axis, and the reverse.
 * @param {Grid} grid
 * @param {0 | 1 | 2} axis
 * @param {number} index
 */
export function positionOf(grid, axis, index) {
  return grid.originMm[axis] + index * grid.spacingMm[axis];
}

/**
 * @param {Grid} grid
 * @param {0 | 1 | 2} axis
 * @param {number} positionMm
 */
export function indexOf(grid, axis, positionMm) {
  return (positionMm - grid.originMm[axis]) / grid.spacingMm[axis];
}

/**
 * The layer nearest to a position, within the grid.
 * @param {Grid} grid
 * @param {0 | 1 | 2} axis
 * @param {number} positionMm
 */
export function nearestLayer(grid, axis, positionMm) {
  const layer = Math.round(indexOf(grid, axis, positionMm));
  return Math.min(Math.max(layer, 0), grid.size[axis] - 1);
}

/** @param {number} valueMm to a hundredth of a millimetre */
function rounded(valueMm) {
  return Math.round(valueMm * 100) / 100;
}
