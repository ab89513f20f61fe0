import type { Vec3 } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import type { Case } from '../case/index.js';
import { type Beam, type BeamAngles, beamAxes, dot3 } from './beam.js';

/** How far the field reaches from the axis: the usual 40 x 40 cm of a linear accelerator. */
export const FIELD_REACH_MM = 200;

export interface SteeringSpec {
  readonly angles: readonly BeamAngles[];
  readonly isocenterMm: Vec3;
  readonly beamletMm: number;
  readonly sadMm: number;
}

/**
 * Places beamlets on multiples of the beamlet width so that they cover the target with a margin of
 * one beamlet (or one voxel where that is larger), beam by beam, ordered by x, then z.
 *
 * @param target ascending voxels of the case's grid
 * @throws InputError for a target without voxels, or where a beam's field does not reach the target
 */
export function steerBeams(patient: Case, target: Uint32Array, spec: SteeringSpec): Beam[] {
  if (target.length === 0) throw new InputError('beams', 'the target has no voxels to cover');
  const voxels = withMargin(patient, target, spec.beamletMm);
  return spec.angles.map((angles, index) => {
    const beamlets = projectToLattice(patient, voxels, angles, spec);
    checkReach(beamlets, angles, index);
    const { isocenterMm, beamletMm } = spec;
    return { ...angles, isocenterMm, beamletMm, ...beamlets };
  });
}

/** The mean position of the target's voxels. */
export function centroidMm(patient: Case, target: Uint32Array): Vec3 {
  const { size, spacingMm, originMm } = patient.grid;
  const sum = [0, 0, 0];
  for (const voxel of target) {
    sum[0] += voxel % size[0];
    sum[1] += Math.floor(voxel / size[0]) % size[1];
    sum[2] += Math.floor(voxel / (size[0] * size[1]));
  }
  const mean = (axis: 0 | 1 | 2) => originMm[axis] + (spacingMm[axis] * sum[axis]) / target.length;
  return [mean(0), mean(1), mean(2)];
}

/** Target voxels and their neighbours inside the structures, round(margin / spacing) times over. */
function withMargin(patient: Case, target: Uint32Array, beamletMm: number): Uint32Array {
  const { size, spacingMm } = patient.grid;
  const marginMm = Math.max(...spacingMm, beamletMm);
  const [nx, ny, nz] = size;
  const inside = new Uint8Array(nx * ny * nz);
  for (const structure of patient.structures) for (const v of structure.voxels) inside[v] = 1;
  const steps = spacingMm.map((spacing) => Math.round(marginMm / spacing));
  const grown = new Uint8Array(inside.length);
  for (const v of target) grown[v] = 1;
  let front = Array.from(target);
  for (let step = 1; step <= Math.max(...steps); step++) {
    const reach = steps.map((count) => (step <= count ? 1 : 0));
    const next: number[] = [];
    for (const v of front) {
      const x = v % nx;
      const y = Math.floor(v / nx) % ny;
      const z = Math.floor(v / (nx * ny));
      for (let k = Math.max(0, z - reach[2]); k <= Math.min(nz - 1, z + reach[2]); k++) {
        for (let j = Math.max(0, y - reach[1]); j <= Math.min(ny - 1, y + reach[1]); j++) {
          for (let i = Math.max(0, x - reach[0]); i <= Math.min(nx - 1, x + reach[0]); i++) {
            const w = i + nx * (j + ny * k);
            if (grown[w] === 1 || inside[w] === 0) continue;
            grown[w] = 1;
            next.push(w);
          }
        }
      }
    }
    front = front.concat(next);
  }
  return Uint32Array.from(front);
}

function projectToLattice(
  patient: Case,
  voxels: Uint32Array,
  angles: BeamAngles,
  spec: SteeringSpec,
) {
  const { size, spacingMm, originMm } = patient.grid;
  const axes = beamAxes(angles);
  const { sadMm, beamletMm, isocenterMm } = spec;
  const cells = new Map<number, [number, number]>();
  const half = 1 << 20;
  // Beamlets narrower than a voxel would leave gaps between the projected centres.
  const widestMm = Math.max(...spacingMm);
  const padding = beamletMm < widestMm ? Math.floor(widestMm / beamletMm) : 0;
  for (const v of voxels) {
    const p: Vec3 = [
      originMm[0] + spacingMm[0] * (v % size[0]) - isocenterMm[0],
      originMm[1] + spacingMm[1] * (Math.floor(v / size[0]) % size[1]) - isocenterMm[1],
      originMm[2] + spacingMm[2] * Math.floor(v / (size[0] * size[1])) - isocenterMm[2],
    ];
    const magnification = sadMm / (sadMm + dot3(p, axes.y));
    const x = roundHalfAway((dot3(p, axes.x) * magnification) / beamletMm);
    const z = roundHalfAway((dot3(p, axes.z) * magnification) / beamletMm);
    for (let i = x - padding; i <= x + padding; i++) {
      for (let k = z - padding; k <= z + padding; k++) {
        cells.set((i + half) * 2 * half + k + half, [i, k]);
      }
    }
  }
  const ordered = [...cells.keys()].sort((a, b) => a - b).map((key) => cells.get(key) as number[]);
  return {
    xMm: Float64Array.from(ordered, ([x]) => x * beamletMm),
    zMm: Float64Array.from(ordered, ([, z]) => z * beamletMm),
  };
}

function roundHalfAway(value: number): number {
  // Adding 0 turns -0 into 0.
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5) + 0;
}

function checkReach(
  beamlets: { xMm: Float64Array; zMm: Float64Array },
  angles: BeamAngles,
  index: number,
): void {
  const furthest = (values: Float64Array) =>
    values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const reachMm = Math.max(furthest(beamlets.xMm), furthest(beamlets.zMm));
  if (reachMm <= FIELD_REACH_MM) return;
  throw new InputError(
    `beams[${index}]`,
    `gantry ${angles.gantryDeg}, couch ${angles.couchDeg} misses the target: it lies up to ` +
      `${Math.round(reachMm)} mm off the axis, the field reaches ${FIELD_REACH_MM} mm`,
  );
}
