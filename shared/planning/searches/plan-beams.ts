import type { Vec3 } from '@isola/kernels/grid';
import { InputError } from '@isola/optimizers/problem';
import { type Beam, centroidMm, steerBeams } from '../beams/index.js';
import { findStructure, type Structure, unionOf, unionOfStructures } from '../case/index.js';
import type { FluenceSpec } from './fluence-spec.js';

/** The beams of a plan, with beamlets that cover its targets, and the centre they share. */
export interface PlanBeams {
  readonly isocenterMm: Vec3;
  readonly beams: readonly Beam[];
}

/** @throws InputError where the prescribed structure is unknown, empty or out of a beam's reach */
export function planBeams(spec: FluenceSpec): PlanBeams {
  const { patient, angles, beamletMm, machine, prescription } = spec;
  const target = findStructure(patient, prescription.structure, 'prescription.structure');
  const voxels = targetVoxels(spec, target);
  if (voxels.length === 0) {
    throw new InputError('prescription.structure', `'${target.name}' holds no voxel`);
  }
  const isocenterMm =
    spec.isocenterMm === 'target-centroid' ? centroidMm(patient, voxels) : spec.isocenterMm;
  const { sadMm } = machine;
  return {
    isocenterMm,
    beams: steerBeams(patient, voxels, { angles, isocenterMm, beamletMm, sadMm }),
  };
}

/** Beams cover every target that has an objective, and the prescribed one. */
function targetVoxels({ patient, objectives }: FluenceSpec, prescribed: Structure): Uint32Array {
  const withObjective = patient.structures.filter(
    ({ kind, name }) => kind === 'target' && objectives.some(({ structure }) => structure === name),
  );
  return unionOf(unionOfStructures(withObjective), prescribed.voxels);
}
