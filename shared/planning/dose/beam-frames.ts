import type { Grid, Vec3 } from '@isola/kernels/grid';
import { type Beam, beamAxes, dot3, sourcePosition } from '../beams/index.js';

/** Numbers of a projective frame: three linear forms of four, see kernels/sparse. */
export const FORM_NUMBERS = 12;

/**
 * The lateral coordinates of a beamlet as a projective frame over voxel indices. Isola measures
 * them in the isocentre plane, where dose is a convolution of the fluence; matRad perpendicular to
 * the beamlet's own ray (`ownRay`).
 *
 * @returns float64[12] a beamlet
 */
export function beamletFrames(
  beam: Beam,
  sadMm: number,
  grid: Grid,
  ownRay: boolean,
): Float64Array {
  const frames = new Float64Array(FORM_NUMBERS * beam.xMm.length);
  for (let j = 0; j < beam.xMm.length; j++) {
    const rows = ownRay
      ? rotationToAxis(beam.xMm[j], sadMm, beam.zMm[j])
      : shearToAxis(beam.xMm[j] / sadMm, beam.zMm[j] / sadMm);
    frames.set(frameOf(beam, rows, sadMm, grid), FORM_NUMBERS * j);
  }
  return frames;
}

/** The frame of the beam's axis: isocentre-plane coordinates of the whole beam. */
export function axisFrame(beam: Beam, sadMm: number, grid: Grid): Float64Array {
  return frameOf(beam, shearToAxis(0, 0), sadMm, grid);
}

/** Rows over the beam's axes as linear forms over voxel indices. */
function frameOf(beam: Beam, rows: readonly Vec3[], sadMm: number, grid: Grid): Float64Array {
  const axes = beamAxes(beam);
  const source = sourcePosition(beam.isocenterMm, axes, sadMm);
  const { originMm, spacingMm } = grid;
  const fromSource: Vec3 = [
    originMm[0] - source[0],
    originMm[1] - source[1],
    originMm[2] - source[2],
  ];
  const frame = new Float64Array(FORM_NUMBERS);
  rows.forEach(([x, y, z], k) => {
    const form: Vec3 = [
      x * axes.x[0] + y * axes.y[0] + z * axes.z[0],
      x * axes.x[1] + y * axes.y[1] + z * axes.z[1],
      x * axes.x[2] + y * axes.y[2] + z * axes.z[2],
    ];
    frame[4 * k] = dot3(form, fromSource);
    for (let axis = 0; axis < 3; axis++) frame[4 * k + 1 + axis] = form[axis] * spacingMm[axis];
  });
  return frame;
}

/** x - (x_j/SAD) y, z - (z_j/SAD) y, y: offsets in the isocentre plane after projection. */
function shearToAxis(tx: number, tz: number): Vec3[] {
  return [
    [1, -tx, 0],
    [0, -tz, 1],
    [0, 1, 0],
  ];
}

/** Rows x, z, y of the smallest rotation that turns (x, y, z) onto the y axis (Rodrigues). */
function rotationToAxis(x: number, y: number, z: number): Vec3[] {
  const length = Math.sqrt(x * x + y * y + z * z);
  const [rx, ry, rz] = [x / length, y / length, z / length];
  const k = 1 / (1 + ry);
  return [
    [1 - rx * rx * k, -rx, -rx * rz * k],
    [-rx * rz * k, -rz, 1 - rz * rz * k],
    [rx, ry, rz],
  ];
}
