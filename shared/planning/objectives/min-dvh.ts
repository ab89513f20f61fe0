import { SquaredDifference } from './squared-difference.js';

/**
 * At least V percent of the volume shall get r (Wu & Mohan, Med Phys 27:701, 2000): sum of
 * (d - r)^2 over the voxels with D_V <= d <= r, divided by the number of all voxels. Voxels colder
 * than D_V are let go; nothing is penalised once D_V >= r. Not convex; the derivative leaves out
 * how D_V moves.
 */
export function minDvh(referenceGy: number, volumePercent: number): SquaredDifference {
  return new SquaredDifference('min-dvh', referenceGy, {
    fraction: volumePercent / 100,
    at: (doseAtVolumeGy) => ({ fromGy: doseAtVolumeGy, toGy: referenceGy }),
  });
}
