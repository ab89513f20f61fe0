/**
 * Fields with exactly so many beamlets: each takes an equal share, the first ones one more where
 * it does not come out even, and of its lattice those nearest to the target's projection. Beamlets
 * whose centre is within half a width of a projected voxel count as equally near; of them those
 * nearest to the axis go first, then those of the least x, the least z.
 */
import type { Vec3 } from '@isola/kernels/grid';
import { type Beam, type BeamAngles, beamAxes, centroidMm, dot3 } from '@isola/planning/beams';
import type { Case } from '@isola/planning/case';

export interface FieldsSpec {
  readonly fields: number;
  /** Beamlets of all fields. */
  readonly beamlets: number;
  readonly beamletMm: number;
  readonly sadMm: number;
}

/** Equispaced fields from gantry 0 about the target's centre. */
export function equispacedFields(patient: Case, target: Uint32Array, spec: FieldsSpec): Beam[] {
  const { fields, beamlets, beamletMm } = spec;
  const isocenterMm = centroidMm(patient, target);
  return Array.from({ length: fields }, (_, f) => {
    const angles = { gantryDeg: (360 / fields) * f, couchDeg: 0, collimatorDeg: 0 };
    const count = Math.floor(beamlets / fields) + (f < beamlets % fields ? 1 : 0);
    const shadow = projected(patient, target, angles, isocenterMm, spec.sadMm);
    return { ...angles, isocenterMm, beamletMm, ...nearest(shadow, beamletMm, count) };
  });
}

/** Target voxels as the source sees them, in the isocentre plane: x, z, x, z, ... */
function projected(
  { grid: { size, spacingMm, originMm } }: Case,
  target: Uint32Array,
  angles: BeamAngles,
  isocenterMm: Vec3,
  sadMm: number,
): Float64Array {
  const axes = beamAxes(angles);
  const shadow = new Float64Array(2 * target.length);
  target.forEach((voxel, i) => {
    const p: Vec3 = [
      originMm[0] + spacingMm[0] * (voxel % size[0]) - isocenterMm[0],
      originMm[1] + spacingMm[1] * (Math.floor(voxel / size[0]) % size[1]) - isocenterMm[1],
      originMm[2] + spacingMm[2] * Math.floor(voxel / (size[0] * size[1])) - isocenterMm[2],
    ];
    const magnification = sadMm / (sadMm + dot3(p, axes.y));
    shadow[2 * i] = dot3(p, axes.x) * magnification;
    shadow[2 * i + 1] = dot3(p, axes.z) * magnification;
  });
  return shadow;
}

function nearest(shadow: Float64Array, beamletMm: number, count: number) {
  const widestMm = shadow.reduce((widest, mm) => Math.max(widest, Math.abs(mm)), 0);
  // Two rings of beamlets more than the projection's box has.
  const reach = Math.ceil(widestMm / beamletMm) + 2;
  const lattice: { x: number; z: number; awayMm2: number; axisMm2: number }[] = [];
  for (let i = -reach; i <= reach; i++) {
    for (let k = -reach; k <= reach; k++) {
      const [x, z] = [i * beamletMm, k * beamletMm];
      const awayMm2 = Math.max(squaredDistanceMm2(shadow, x, z), (beamletMm * beamletMm) / 4);
      lattice.push({ x, z, awayMm2, axisMm2: x * x + z * z });
    }
  }
  // A stable sort keeps equals by x, then z.
  lattice.sort((a, b) => a.awayMm2 - b.awayMm2 || a.axisMm2 - b.axisMm2);
  const kept = lattice.slice(0, count).sort((a, b) => a.x - b.x || a.z - b.z);
  return {
    xMm: Float64Array.from(kept, ({ x }) => x),
    zMm: Float64Array.from(kept, ({ z }) => z),
  };
}

function squaredDistanceMm2(points: Float64Array, x: number, z: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < points.length; i += 2) {
    const [dx, dz] = [points[i] - x, points[i + 1] - z];
    least = Math.min(least, dx * dx + dz * dz);
  }
  return least;
}
