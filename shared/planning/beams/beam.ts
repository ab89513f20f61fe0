import { cosDeg, sinDeg } from '@isola/kernels/elementary';
import type { Vec3 } from '@isola/kernels/grid';

/** Directions: IEC 61217, head first supine. Collimator: counter-clockwise from the source. */
export interface BeamAngles {
  readonly gantryDeg: number;
  readonly couchDeg: number;
  readonly collimatorDeg: number;
}

/** A beam with its beamlets, given by their centres in the isocentre plane. */
export interface Beam extends BeamAngles {
  readonly isocenterMm: Vec3;
  readonly beamletMm: number;
  /** Beamlet centres along the collimator's two axes. */
  readonly xMm: Float64Array;
  readonly zMm: Float64Array;
}

/** Unit vectors of the collimator in patient LPS; `y` points from the source along the axis. */
export interface BeamAxes {
  readonly x: Vec3;
  readonly y: Vec3;
  readonly z: Vec3;
}

/**
 * The beam's eye view in patient coordinates. With gantry 0 the source is anterior, with 90 on the
 * patient's left; the couch turns about the anterior-posterior axis.
 */
export function beamAxes(angles: BeamAngles): BeamAxes {
  const [sg, cg] = [sinDeg(angles.gantryDeg), cosDeg(angles.gantryDeg)];
  const [sc, cc] = [sinDeg(angles.couchDeg), cosDeg(angles.couchDeg)];
  const [sk, ck] = [sinDeg(angles.collimatorDeg), cosDeg(angles.collimatorDeg)];
  const world = (x: number, y: number, z: number): Vec3 => {
    const gx = cg * x - sg * y;
    const gy = sg * x + cg * y;
    return [cc * gx + sc * z, gy, cc * z - sc * gx];
  };
  return { x: world(ck, 0, sk), y: world(0, 1, 0), z: world(-sk, 0, ck) };
}

/** Where the source is. */
export function sourcePosition(isocenterMm: Vec3, axes: BeamAxes, sadMm: number): Vec3 {
  return [
    isocenterMm[0] - sadMm * axes.y[0],
    isocenterMm[1] - sadMm * axes.y[1],
    isocenterMm[2] - sadMm * axes.y[2],
  ];
}

/** The inner product of two vectors. */
export function dot3(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
