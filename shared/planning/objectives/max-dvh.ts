import { SquaredDifference } from './squared-difference.js';

/**
 * At most V percent of the volume shall get more than r (Wu & Mohan, Med Phys 27:701, 2000): sum
 * of (d - r)^2 over the voxels with r <= d <= D_V, divided by the number of all voxels. The hottest
 * V percent are let go; nothing is penalised once D_V <= r. Not convex; the derivative leaves out
 * how D_V moves.
 */
export function maxDvh(referenceGy: number, volumePercent: number): SquaredDifference {
  return new SquaredDifference('max-dvh', referenceGy, {
    fraction: volumePercent / 100,
    at: (doseAtVolumeGy) => ({ fromGy: referenceGy, toGy: doseAtVolumeGy }),
  });
}
