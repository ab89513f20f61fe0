import type { ResultJson } from '@isola/formats/result';
import type { Vec3 } from '@isola/kernels/grid';
import type { FinalDose, FluenceSpec } from '@isola/planning/searches';
import type { ReportInput } from '@isola/reporting';
import type { Summary } from './summary.js';

/**
 * What a report shows: the numbers of result.json, and what is too large for it. A report made anew
 * from the files of a result is the same to the byte.
 */
export function reportInput(
  json: ResultJson,
  { patient, machine }: Pick<FluenceSpec, 'patient' | 'machine'>,
  isocentreMm: Vec3,
  final: FinalDose,
  { dvhs, beams }: Pick<Summary, 'dvhs' | 'beams'>,
): ReportInput {
  const { plan, status, advice, iterations, objective, terms, trace } = json;
  return {
    title: `Plan for ${patient.name}`,
    caseName: patient.name,
    machineName: machine.name,
    prescription: plan.prescription,
    fractions: plan.fractions,
    notes: json.notes,
    grid: patient.grid,
    hu: patient.hu,
    doseGrid: final.voxels.grid,
    doseGy: final.doseGy,
    structures: patient.structures,
    dvhs,
    metrics: json.metrics,
    goals: json.goals.map(({ goal, ...rest }) => ({ text: goal, ...rest })),
    beams,
    convergence: trace.map((value, iteration) => ({ iteration, value })),
    optimiser: {
      ...{ status, advice, iterations },
      objective: objective ?? Number.NaN,
      terms: terms.map((term) => ({ ...term, value: term.value ?? Number.NaN })),
    },
    ...(json.search && { search: json.search }),
    isocentreMm,
    reproducibility: { planHash: json.planHash, seed: plan.seed, versions: json.versions },
    timings: json.timings,
    indices: json.indices.map((index) => ({ ...index, value: index.value ?? Number.NaN })),
  };
}
