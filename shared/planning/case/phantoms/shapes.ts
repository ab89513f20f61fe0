/** Solids as a question to a point; mm from the phantom's centre, axes as in case.ts. */
import type { Vec3 } from '@isola/kernels/grid';

/** Whether the point lies inside. */
export type Shape = (xMm: number, yMm: number, zMm: number) => boolean;

/** A box around the centre. */
export function box([halfX, halfY, halfZ]: Vec3): Shape {
  return (x, y, z) => Math.abs(x) < halfX && Math.abs(y) < halfY && Math.abs(z) < halfZ;
}

/** An elliptic cylinder along z. `semiMm`: half axes along x and y, half length along z. */
export function cylinder([semiX, semiY, halfZ]: Vec3, centreMm: Vec3 = [0, 0, 0]): Shape {
  return (x, y, z) => {
    const u = (x - centreMm[0]) / semiX;
    const v = (y - centreMm[1]) / semiY;
    return u * u + v * v < 1 && Math.abs(z - centreMm[2]) < halfZ;
  };
}

/** An ellipsoid with the given half axes. */
export function ellipsoid([semiX, semiY, semiZ]: Vec3, centreMm: Vec3 = [0, 0, 0]): Shape {
  return (x, y, z) => {
    const u = (x - centreMm[0]) / semiX;
    const v = (y - centreMm[1]) / semiY;
    const w = (z - centreMm[2]) / semiZ;
    return u * u + v * v + w * w < 1;
  };
}

/** What of a shape is in none of the others. */
export function without(shape: Shape, ...others: readonly Shape[]): Shape {
  return (x, y, z) => shape(x, y, z) && !others.some((other) => other(x, y, z));
}
