import type { FluenceSpec } from '@isola/planning/searches';

/** Where a machine's kernels are looked at to tell it from another. */
const SSD_MM = 900;

/** All that decides the doses of a plan's possible beams, and where they are looked at, as data. */
export function dosePhysics(spec: FluenceSpec): unknown {
  const { patient, machine, objectives, priorities, prescription } = spec;
  const { grid, hu, huTable, structures } = patient;
  const { name, sadMm, attenuationPerMm, betasPerMm, penumbraFwhmMm } = machine;
  const { stepMm, tables } = machine.kernels(SSD_MM);
  return {
    patient: {
      ...{ size: grid.size, spacingMm: grid.spacingMm, originMm: grid.originMm, hu },
      huTable: { hu: huTable.hu, density: huTable.density },
      structures: structures.map(({ name: of, kind, voxels }) => ({ name: of, kind, voxels })),
    },
    machine: { name, sadMm, attenuationPerMm, betasPerMm, penumbraFwhmMm, stepMm, tables },
    looksAt: objectives.map(({ structure }) => structure),
    ...{ priorities, target: prescription.structure, isocenterMm: spec.isocenterMm },
    ...{ beamletMm: spec.beamletMm, doseGridMm: spec.doseGridMm },
  };
}
